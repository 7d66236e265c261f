"""What several documents share: parties, references, dates, items, prices, charges.

Names and meaning follow UBL 2 and UN/CEFACT; every code is UN/CEFACT's own (the EDIFACT code list of the data
element that the comment names), whatever standard a document came in. `None` and `[]` mean "not said".
Quantities and money are `Decimal` with the digits that were given.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from edigw.documents.moment import Moment


class Part(Struct, kw_only=True, omit_defaults=True, gc=False):  # trees: there are no cycles to be found
    """Base of all parts of a document: fields are given by name, and are left out of the JSON where nothing was
    said."""


class Channel(Part):
    """One way to reach a contact."""

    type: str | None = None  # 3155: TE, FX, EM
    value: str | None = None


class Contact(Part):
    function: str | None = None  # 3139: OC order contact, IC information contact
    name: str | None = None
    channels: list[Channel] = []


class Location(Part):
    function: str | None = None  # 3227: 7 place of delivery, 11 place of discharge
    id: str | None = None
    name: str | None = None


class Reference(Part):
    """A number of another document or account."""

    type: str | None = None  # 1153: ON order, CT contract, VA VAT number
    id: str | None = None
    line: str | None = None  # the line of that document
    issued: Moment | None = None
    description: str | None = None


class Date(Part):
    """A date that has no field of its own."""

    type: str | None = None  # 2005: 64 deliver not before, 63 deliver not later
    at: Moment | None = None


class Note(Part):
    subject: str | None = None  # 4451: AAI general information, DEL delivery
    function: str | None = None  # 4453: 1 for later use, 3 for immediate use
    text: str | None = None
    code: str | None = None  # 4441: what it says, as a code
    code_list: str | None = None  # 1131: the list that the code is of
    code_agency: str | None = None  # 3055: whose list it is


class Party(Part):
    role: str | None = None  # 3035: BY buyer, SU supplier, DP delivery party, IV invoicee
    id: str | None = None
    id_scheme: str | None = None  # 3055: 9 GLN, 91 given by the seller, 92 given by the buyer
    name: str | None = None
    name_and_address: str | None = None  # where a sender gives no structure
    street: str | None = None
    city: str | None = None
    region: str | None = None  # country subdivision
    postal_code: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2
    locations: list[Location] = []
    references: list[Reference] = []
    contacts: list[Contact] = []
    accounts: list[Account] = []


class Account(Part):
    """An account at a bank, where somebody is paid."""

    function: str | None = None  # 3035: BF beneficiary's bank, RB receiving institution
    id: str | None = None  # IBAN, or what the bank calls it
    holder: str | None = None
    currency: str | None = None  # ISO 4217
    bic: str | None = None
    bank_code: str | None = None  # national
    bank: str | None = None  # its name
    country: str | None = None  # ISO 3166-1 alpha-2


class ItemId(Part):
    scheme: str | None = None  # 7143: EN GTIN-13, UP GTIN-12, SRV GTIN-14, SA supplier's, IN buyer's number
    id: str | None = None


class Characteristic(Part):
    """A property of an item: colour, size, brand."""

    type: str | None = None  # 7081: 35 colour, 98 size
    code: str | None = None
    text: str | None = None


class Quantity(Part):
    type: str | None = None  # 6063
    value: Decimal | None = None
    unit: str | None = None  # 6411, UN/ECE Recommendation 20


class Measure(Part):
    purpose: str | None = None  # 6311: PD physical dimensions, WT weights
    dimension: str | None = None  # 6313: G gross weight, HT height
    value: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str | None = None  # 6411


class Amount(Part):
    type: str | None = None  # 5025: 86 message total, 203 line amount
    value: Decimal | None = None
    currency: str | None = None  # ISO 4217; None: the document's


class Price(Part):
    """A price beside the net price of the line."""

    qualifier: str | None = None  # 5125: AAB gross, AAE for information
    type: str | None = None  # 5387: RTP retail, SRP suggested retail
    value: Decimal | None = None
    basis: Decimal | None = None  # the quantity that the price is for
    unit: str | None = None  # 6411, of the basis


class Tax(Part):
    type: str | None = None  # 5153: VAT, GST
    category: str | None = None  # 5305: S standard rate, E exempt
    percent: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None  # the taxable amount


class Allowance(Part):
    """An allowance or a charge."""

    indicator: str | None = None  # 5463: A allowance, C charge, N neither: something is asked for or told
    code: str | None = None  # 7161: FC freight, TD trade discount
    own_code: str | None = None  # of an agency's own list
    own_code_agency: str | None = None  # X12 DE 559: VI the retailers' VICS, ZZ mutually defined
    number: str | None = None  # by which the partners know it
    reason: str | None = None
    sequence: str | None = None  # 1227
    handling: str | None = None  # 4471: 2 off invoice, 6 charge to be paid by customer
    percent: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None  # the amount that the percentage is of
    rate: Decimal | None = None  # money for each unit
    quantity: Decimal | None = None
    unit: str | None = None  # 6411, of the quantity
    taxes: list[Tax] = []


class Condition(Part):
    """A special condition of the deal."""

    code: str | None = None  # 4183: 69 supply for consignment, 96 promotional advertising


class Marking(Part):
    """What is to be written on packages."""

    instruction: str | None = None  # 4233: 22 premarked by the buyer, 28 free text
    text: str | None = None


class Transport(Part):
    stage: str | None = None  # 8051: 20 main carriage, 10 before, 30 after it
    mode: str | None = None  # UN/ECE Recommendation 19: 3 road, 2 rail, 1 sea, 4 air
    conveyance: str | None = None  # voyage, flight, vehicle run
    carrier: str | None = None
    carrier_scheme: str | None = None  # 3055: 182 SCAC, 9 GLN
    routing: str | None = None  # carrier's name, or the route in words
    means: str | None = None  # 8179: 31 truck, 35 truck with trailer
    service: str | None = None  # X12 DE 284: ND next day air, CG ground


class Equipment(Part):
    type: str | None = None  # 8053: CN container, TE trailer
    id: str | None = None
    seals: list[Seal] = []


class Seal(Part):
    number: str | None = None


class Packaging(Part):
    """How many packages of a kind, and what they weigh together."""

    count: int | None = None
    type: str | None = None  # 7065, UN/ECE Recommendation 21: CT carton, PX pallet
    information: str | None = None  # 7233: 51 barcoded with ITF-14, 53 with its price marked
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    markings: list[Marking] = []


class Split(Part):
    """A part of a line's quantity that is for one store or place."""

    location: str | None = None
    location_scheme: str | None = None  # 3055
    quantity: Decimal | None = None
    unit: str | None = None
    delivery: Moment | None = None


class PaymentTerm(Part):
    """When to pay: a net date, a discount for paying early, or both; or a penalty for paying late. Days and dates are
    never derived from each other."""

    type: str | None = None  # 4279: 1 basic, 3 fixed date, 20 penalty, 22 discount
    basis: str | None = None  # 2475, what the days count from: 5 invoice date, 21 receipt of goods
    relation: str | None = None  # 2009: 6 end of the month of the basis; None: after the basis
    days: int | None = None  # net
    months: int | None = None
    day_of_month: int | None = None
    due: Moment | None = None
    discount_percent: Decimal | None = None
    discount_amount: Decimal | None = None
    discount_days: int | None = None
    discount_months: int | None = None
    discount_due: Moment | None = None
    penalty_percent: Decimal | None = None
    percent: Decimal | None = None  # of the invoice, that these terms are for
    means: str | None = None  # 4461: 30 credit transfer, 20 cheque
    text: str | None = None
