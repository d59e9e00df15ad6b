"""Backups: everything a database holds, in one file that either kind of database takes back."""

from sharecare.archive.reading import NotEmpty, UnreadableArchive, restore
from sharecare.archive.writing import backup

__all__ = ["NotEmpty", "UnreadableArchive", "backup", "restore"]
