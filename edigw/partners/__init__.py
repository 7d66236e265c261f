"""Partners and configuration: `edigw.toml` and one TOML file a partner, read, checked and looked up."""

from edigw.partners.config import Config
from edigw.partners.errors import ConfigError
from edigw.partners.load import examine, load
from edigw.partners.tables.partner import Partner

__all__ = ["Config", "ConfigError", "Partner", "examine", "load"]
