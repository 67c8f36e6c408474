"""Full-text search for archives of articles: a folder in; a search page, JSON and commands out."""

__version__ = "0.1.0"
