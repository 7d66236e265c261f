"""Pages for people, each one file of HTML with its style in it: no script, no build step, made for screen and paper."""

from edigw.admin.html.guide import guide_page
from edigw.admin.html.report import report_page

__all__ = ["guide_page", "report_page"]
