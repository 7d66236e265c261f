"""intake entrance opening unpack archives signatures countersigned judge refuse process collect settle answer"""
