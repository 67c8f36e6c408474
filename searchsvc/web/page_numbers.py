"""The numbers of the pages that a page of a list links to."""


def nearby_pages(page: int, last: int) -> list[int]:
    """Return the first page, and two on each side of the current one. Return [] if there is only one."""
    around = range(max(1, page - 2), min(last, page + 2) + 1)
    return sorted({1, *around}) if last > 1 else []
