"""Settings: the name, default, help text and parser of each, and where their values come from.

A value comes from an option on the command line, else from the environment variable `SEARCHSVC_` plus the upper-case
name, else from the variable of a hosting platform (`PORT`, `WEB_CONCURRENCY`; only while serving), else from the settings
file, else from the default. An unknown name, a file that is named and does not exist, and a
value of the wrong form are errors. The package does not read `os.environ`: its callers pass an environment.
"""

from searchsvc.config.parsers import Integer, OneOf
from searchsvc.config.settings import EMBEDDED, ENGINES, SETTINGS, Setting, Settings
from searchsvc.config.sources import FILE, PREFIX, environment, load_settings, settings_file, settings_of

__all__ = [
    "EMBEDDED",
    "ENGINES",
    "FILE",
    "PREFIX",
    "SETTINGS",
    "Integer",
    "OneOf",
    "Setting",
    "Settings",
    "environment",
    "load_settings",
    "settings_file",
    "settings_of",
]
