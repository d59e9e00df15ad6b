/* Bits of days and of parts of the week, and sets of minutes. */
enum { DAY = 1440, WEEK = 7 * DAY, FIRST_WEEKDAY = 3 }; /* 1970-01-01 was a Thursday */
enum { WEEK_PARTS = 63, WEEK_PART_MIN = 160, DAYS = 64 }; /* as in bits.py */
enum { MINUTE_BIT = 11, LENGTH = (1 << MINUTE_BIT) - 1 }; /* as in hours.py */

static uint64_t ring_bits(int64_t first, int64_t count, int around) {
    uint64_t full = around == 64 ? ~UINT64_C(0) : (UINT64_C(1) << around) - 1;
    if (count >= around) return full;
    uint64_t ones = (UINT64_C(1) << count) - 1;
    int turn = (int)modulo(first, around);
    return (ones << turn | (turn ? ones >> (around - turn) : 0)) & full;
}

static int64_t week_minute(int64_t wall_minute) {
    return modulo(wall_minute + FIRST_WEEKDAY * DAY, WEEK);
}

static uint64_t week_bits(const struct piece *piece) {
    int64_t minute = week_minute(piece->start + piece->offset);
    int64_t first = minute / WEEK_PART_MIN, last = (minute + piece->end - piece->start - 1) / WEEK_PART_MIN;
    return ring_bits(first, last - first + 1, WEEK_PARTS);
}

static uint64_t day_bits(int64_t start, int64_t end) {
    int64_t first = floor_div(start, DAY);
    return ring_bits(first, floor_div(end - 1, DAY) - first + 1, DAYS);
}

/* Minutes since the window's start, half-open, within the window. */
struct span {
    int64_t low, high;
};

struct spans {
    struct span *at;
    int64_t count, room;
};

static bool make_room(struct spans *spans, int64_t more) {
    if (spans->count + more <= spans->room) return true;
    int64_t room = 2 * (spans->count + more) + 16;
    struct span *moved = realloc(spans->at, (size_t)room * sizeof *moved);
    if (!moved) return false;
    spans->at = moved, spans->room = room;
    return true;
}

static void add(struct spans *spans, int64_t low, int64_t high) {
    if (low < high) spans->at[spans->count++] = (struct span){low, high};
}

/* Puts spans in order, unites those that meet, and counts their minutes. Most come in order, and few of them. */
static int64_t unite(struct spans *spans) {
    for (int64_t at = 1; at < spans->count; at++) {
        struct span moved = spans->at[at];
        int64_t to = at;
        for (; to && spans->at[to - 1].low > moved.low; to--) spans->at[to] = spans->at[to - 1];
        spans->at[to] = moved;
    }
    int64_t kept = 0, minutes = 0;
    for (int64_t at = 0; at < spans->count; at++) {
        if (kept && spans->at[at].low <= spans->at[kept - 1].high)
            spans->at[kept - 1].high = most(spans->at[kept - 1].high, spans->at[at].high);
        else
            spans->at[kept++] = spans->at[at];
    }
    spans->count = kept;
    for (int64_t at = 0; at < kept; at++) minutes += spans->at[at].high - spans->at[at].low;
    return minutes;
}

/* Takes united spans out of united spans. */
static bool subtract(const struct spans *from, const struct spans *taken, struct spans *rest) {
    rest->count = 0;
    if (!make_room(rest, from->count + taken->count)) return false;
    int64_t next = 0;
    for (int64_t at = 0; at < from->count; at++) {
        int64_t low = from->at[at].low, high = from->at[at].high;
        while (next < taken->count && taken->at[next].high <= low) next++;
        for (int64_t on = next; on < taken->count && taken->at[on].low < high; on++) {
            add(rest, low, taken->at[on].low);
            low = most(low, taken->at[on].high);
        }
        add(rest, low, high);
    }
    return true;
}
