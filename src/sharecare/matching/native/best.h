/* The best so far. */
/* A heap with the last of those kept on top, so that whoever comes is compared with that one. */
struct best {
    struct found *at;
    int64_t count, room, top;
};

static bool before(const struct search *search, struct found *a, struct found *b) {
    if (a->billionths != b->billionths) return a->billionths > b->billionths;
    if (a->booked < 0) a->booked = booked_minutes(search, a->slot);
    if (b->booked < 0) b->booked = booked_minutes(search, b->slot);
    if (a->booked != b->booked) return a->booked < b->booked;
    return a->person_id < b->person_id;
}

/* Moves what stands at `hole` down to where it belongs among the first `count`. */
static void sink(const struct search *search, struct found *at, int64_t hole, int64_t count) {
    struct found moved = at[hole];
    for (;;) {
        int64_t later = 2 * hole + 1;
        if (later >= count) break;
        if (later + 1 < count && before(search, &at[later], &at[later + 1])) later++;
        if (!before(search, &moved, &at[later])) break;
        at[hole] = at[later], hole = later;
    }
    at[hole] = moved;
}

/* Whether somebody may be among the best, as far as the score tells. */
static bool may_enter(const struct best *best, const struct found *found) {
    return best->count < best->top || (best->top && found->billionths >= best->at[0].billionths);
}

static bool keep(const struct search *search, struct best *best, struct found *found) {
    if (best->count == best->top) {
        if (!best->top || !before(search, found, &best->at[0])) return true;
        best->at[0] = *found;
        sink(search, best->at, 0, best->count);
        return true;
    }
    if (best->count == best->room) {
        int64_t room = least(best->top, 2 * best->room + 32);
        struct found *moved = realloc(best->at, (size_t)room * sizeof *moved);
        if (!moved) return false;
        best->at = moved, best->room = room;
    }
    best->at[best->count++] = *found;
    if (best->count == best->top)
        for (int64_t at = best->count / 2; at-- > 0;) sink(search, best->at, at, best->count);
    return true;
}

static void sort(const struct search *search, struct best *best) {
    if (best->count < best->top)
        for (int64_t at = best->count / 2; at-- > 0;) sink(search, best->at, at, best->count);
    for (int64_t last = best->count - 1; last > 0; last--) {
        struct found later = best->at[0];
        best->at[0] = best->at[last], best->at[last] = later;
        sink(search, best->at, 0, last);
    }
}
