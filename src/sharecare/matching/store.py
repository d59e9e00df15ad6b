"""The state of the index: supporters in slots, their hours and ties, and every way to change them."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from sharecare.geo.grid import number_level
from sharecare.matching.hours import Hours, laid_hours, laid_offered
from sharecare.matching.model import Column, DatedHours, Link, Period, Supporter, SupporterTable, WeeklyHours
from sharecare.matching.rows import resized
from sharecare.matching.slots import Slots
from sharecare.matching.ties import Ties

Ints = npt.NDArray[np.int64]

_TAIL = 2048


class UnknownSupporterError(LookupError):
    """Nobody with this id is in the index."""


class Store:
    """Supporters in slots sorted by cell, so that a circle on the map is a few dozen stretches of slots.

    A change in place is written into its slot. A newcomer, or one who moved to another cell, goes to a tail behind the
    sorted slots that every ranking looks through; each 2048th sorts the tail in, which costs about 0.2 s at a million
    supporters.
    """

    def __init__(self) -> None:
        self._slots = Slots()
        self._hours = Hours(self._slots)
        self._ties = Ties()
        self._place = np.zeros(1, np.int32)  # by person number: the slot counted from 1, 0 for none
        self._sorted = 0
        self._used = 0
        self._cell_levels = 0  # bit l is set where someone's cell is of level l, counted from the coarsest
        self._widest_m = 0.0

    def __len__(self) -> int:
        return int(np.count_nonzero(self._slots["person"][: self._used] >= 0))

    def __contains__(self, person_id: int) -> bool:
        return self._slot(person_id) >= 0

    def put(self, supporter: Supporter) -> None:
        """Insert a supporter, or replace all of them but their ties.

        Raises:
            ValueError: hours or periods that can't be; nothing has changed then.
            zoneinfo.ZoneInfoNotFoundError: likewise for an unknown zone.

        """
        laid = laid_hours(supporter)
        number = self._number(supporter.person_id)
        row = Slots.of(SupporterTable.of([supporter]), np.array([number]))
        slot = int(self._place[number]) - 1
        if slot >= 0 and self._slots.key[slot] != row.key[0]:
            self._vacate(slot)
            slot = -1
        if slot < 0:
            slot = self._next_slot()
        self._place[number] = slot + 1
        self._put_row(slot, row)
        self._hours.put(slot, supporter.timezone, laid)
        self._cell_levels |= 1 << supporter.cell.level.halvings

    def remove(self, person_id: int) -> None:
        """Take a supporter out, if there; their ties stay, for they may be a mutual friend."""
        slot = self._slot(person_id)
        if slot >= 0:
            self._vacate(slot)

    def set_profile(self, supporter: Supporter) -> bool:
        """Replace what a supporter offers and holds; hours, calendars and bookings stay, those given are not looked at.

        False where it takes a `put`: for a newcomer, and for one who moved to another cell. Nothing has changed then.

        Raises:
            zoneinfo.ZoneInfoNotFoundError: their zone isn't known; nothing has changed then.

        """
        ZoneInfo(supporter.timezone)
        slot = self._slot(supporter.person_id)
        if slot < 0:
            return False
        row = Slots.of(SupporterTable.of([supporter]), self._slots["person"][slot : slot + 1])
        if self._slots.key[slot] != row.key[0]:
            return False
        self._put_row(slot, row)
        self._hours.put_zone(slot, supporter.timezone)
        return True

    def set_hours(self, person_id: int, weekly: Sequence[WeeklyHours], dated: Sequence[DatedHours]) -> None:
        """Replace the hours that a supporter offers.

        Raises:
            UnknownSupporterError: see there.
            ValueError: hours that can't be; nothing has changed then.

        """
        self._hours.put_offered(self._known(person_id), *laid_offered(weekly, dated))

    def set_busy(self, person_id: int, busy: Sequence[Period]) -> None:
        """Replace a supporter's bookings.

        Raises:
            UnknownSupporterError: see there.

        """
        self._hours.put_busy(self._known(person_id), busy)

    def set_suspended(self, person_id: int, *, suspended: bool) -> None:
        """Hide a person, supporter or not, from every result and every trust; or show them again."""
        number = self._number(person_id)
        self._ties.set_suspended(number, suspended=suspended)
        slot = int(self._place[number]) - 1
        if slot >= 0:
            self._slots.set_active(slot, active=not suspended)

    def set_links(self, person_id: int, links: Iterable[Link]) -> None:
        """Replace a person's links, both ways.

        Raises:
            ValueError: a link to themselves; nothing has changed then.

        """
        try:
            self._ties.set_links(self._number(person_id), links)
        finally:  # everyone named is known now
            self._grow()

    def set_communities(self, person_id: int, memberships: Iterable[tuple[int, float]]) -> None:
        """Replace a person's communities, given by id and weight; a weight holds for all of a community's members."""
        self._ties.set_communities(self._number(person_id), memberships)

    def set_community_weight(self, community_id: int, weight: float) -> None:
        """Change what sharing a community counts for; one that nobody here belongs to is left alone."""
        self._ties.communities.weigh(community_id, weight)

    def set_blocks(self, person_id: int, blocked_ids: Iterable[int]) -> None:
        """Replace the blocks a person put up; those that others put up stay."""
        self._ties.set_blocks(self._number(person_id), blocked_ids)
        self._grow()

    def load_supporters(self, table: SupporterTable) -> None:
        """Replace all supporters; none has hours, calendars or bookings yet. Ties stay.

        Raises:
            ValueError: a person stands in the table twice, or a zone is none of the table's; nothing has changed then.
            zoneinfo.ZoneInfoNotFoundError: likewise for an unknown zone.

        """
        for name in table.timezones:
            ZoneInfo(name)
        if len(table) and not 0 <= table.timezone.min() <= table.timezone.max() < len(table.timezones):
            raise ValueError("a supporter's zone is none of the table's")
        people = self._ties.people
        people.add_all(table.person_id)
        self._grow()
        numbers = people.numbers(table.person_id)
        if len(numbers) and np.bincount(numbers).max() > 1:
            raise ValueError("a supporter stands in the table twice")
        self._place[:] = 0
        self._slots = Slots.of(table, numbers)
        self._hours = Hours(self._slots, table.timezones, table.timezone)
        self._used = len(table)
        for slot in np.flatnonzero(self._ties.suspended_among(numbers)).tolist():
            self._slots.set_active(slot, active=False)
        self._sort()

    def load_weekly(self, person_ids: Column, hours: Sequence[Column]) -> None:
        """Replace all weekly hours by parallel columns, fields as in `WeeklyHours`.

        Raises:
            UnknownSupporterError: see there.
            ValueError: hours that can't be.

        """
        self.load_weekly_at(self._slots_of(person_ids), hours)

    def load_dated(self, person_ids: Column, hours: Sequence[Column]) -> None:
        """Replace all dated hours by parallel columns, fields as in `DatedHours`.

        Raises:
            UnknownSupporterError: see there.
            ValueError: hours that can't be.

        """
        self.load_dated_at(self._slots_of(person_ids), hours)

    def load_weekly_at(self, slots: Column, hours: Sequence[Column]) -> None:
        """Do as `load_weekly` for slots that `slots_of` told, with nobody put or removed since."""
        self._hours.load_weekly(slots, hours)

    def load_dated_at(self, slots: Column, hours: Sequence[Column]) -> None:
        """Do as `load_dated`, likewise."""
        self._hours.load_dated(slots, hours)

    def load_busy_at(self, slots: Column, start: Column, end: Column) -> None:
        """Do as `load_busy`, likewise."""
        self._hours.load_periods(slots, start, end, busy=True)

    def slots_of(self, person_ids: Column) -> Column:
        """Find the slots of many people, -1 for who is no supporter."""
        numbers = self._ties.people.numbers(person_ids)
        slots = self._place.take(numbers, mode="clip")
        slots -= 1
        slots[numbers < 0] = -1
        return slots

    def load_unavailable(self, person_ids: Column, start: Column, end: Column) -> None:
        """Replace all imported calendars; UTC minutes.

        Raises:
            UnknownSupporterError: see there.
            ValueError: a period doesn't end after it starts.

        """
        self._hours.load_periods(self._slots_of(person_ids), start, end, busy=False)

    def load_busy(self, person_ids: Column, start: Column, end: Column) -> None:
        """Replace all bookings; UTC minutes.

        Raises:
            UnknownSupporterError: see there.
            ValueError: a period doesn't end after it starts.

        """
        self.load_busy_at(self._slots_of(person_ids), start, end)

    def load_links(self, a: Column, b: Column, *, a_to_b: Column, b_to_a: Column, friend: Column) -> None:
        """Replace all links by pairs of person ids, each pair once, with their strength each way."""
        people = self._ties.people
        people.add_all(a, b)
        self._grow()
        self._ties.load_links((people.numbers(a), people.numbers(b)), (a_to_b, b_to_a), friend)

    def load_communities(self, person_ids: Column, community_ids: Column, weights: Column) -> None:
        """Replace all memberships, each at most once."""
        self._ties.people.add_all(person_ids)
        self._grow()
        self._ties.load_communities(self._ties.people.numbers(person_ids), community_ids, weights)

    def load_blocks(self, blocker_ids: Column, blocked_ids: Column) -> None:
        """Replace all blocks."""
        people = self._ties.people
        people.add_all(blocker_ids, blocked_ids)
        self._grow()
        self._ties.load_blocks(people.numbers(blocker_ids), people.numbers(blocked_ids))

    def _slot(self, person_id: int) -> int:
        return self._slot_of(self._ties.people.number(person_id))

    def _slot_of(self, number: int) -> int:
        return int(self._place[number]) - 1 if number >= 0 else -1

    def _known(self, person_id: int) -> int:
        slot = self._slot(person_id)
        if slot < 0:
            raise UnknownSupporterError(f"no supporter {person_id}")
        return slot

    def _slots_of(self, person_ids: Column) -> Column:
        slots = self.slots_of(person_ids)
        unknown = slots < 0
        if unknown.any():
            raise UnknownSupporterError(f"no supporter {person_ids[int(unknown.argmax())]}")
        return slots

    def _number(self, person_id: int) -> int:
        number = self._ties.number(person_id)
        self._grow()
        return number

    def _grow(self) -> None:
        self._ties.grow()
        people = len(self._ties.people)
        if people > len(self._place):
            self._place = resized(self._place, int(people * 1.25) + 4096)

    def _put_row(self, slot: int, row: Slots) -> None:
        self._slots.put(slot, row)
        self._slots.set_active(slot, active=not self._ties.suspended(int(row["person"][0])))
        self._widest_m = max(self._widest_m, float(row["radius_m"][0]))

    def _vacate(self, slot: int) -> None:
        self._place[self._slots["person"][slot]] = 0
        self._slots.clear(slot)
        self._hours.clear(slot)

    def _next_slot(self) -> int:
        if self._used == len(self._slots.key):
            self._sort()
        self._used += 1
        return self._used - 1

    def _sort(self) -> None:
        """Sort all slots by cell, drop the vacated, and leave room for a new tail."""
        live = np.flatnonzero(self._slots["person"][: self._used] >= 0)
        order = live[np.argsort(self._slots.key[live], kind="stable")]
        self._slots.rearrange(order, len(order) + _TAIL)
        self._hours.rearrange(order, len(order) + _TAIL)
        self._sorted = self._used = len(order)
        self._place[self._slots["person"][: self._used]] = np.arange(1, self._used + 1)
        levels = np.unique(number_level(self._slots.key[: self._used]))
        self._cell_levels = sum(1 << level for level in levels.tolist())
        self._widest_m = float(self._slots["radius_m"].max(initial=0.0))
