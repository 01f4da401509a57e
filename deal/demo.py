"""The demonstration (being written)."""

RESIDENTS = 45


def is_loaded():
    return False


def load(residents=RESIDENTS, seed=1):
    pass


def people():
    return []


def unopened_code():
    return ""
