"""What a credential is called; a part of the course that an area made up itself is called what the area calls it."""

from sharecare.certification.rules import CredentialKind
from sharecare.web.catalogue import catalogue, said


def name_of_credential(kind: CredentialKind, unit: str | None, language: str) -> str:
    """Name a credential, or the part of the course that it is for."""
    if unit is None:
        return said(f"supporter.paper.{kind}", language)
    return said("supporter.course", language, unit=name_of_unit(unit, language))


def name_of_unit(unit: str, language: str) -> str:
    """Name a part of the course."""
    known = f"supporter.unit.{unit}"
    return said(known, language) if known in catalogue() else unit


def unit_named(name: str) -> str:
    """Return the part of the course of this name, in either language; the name itself for one of an area's own."""
    of_units = (key.rpartition(".") for key, forms in catalogue().items() if name in forms.values())
    return next((unit for table, _, unit in of_units if table == "supporter.unit"), name)
