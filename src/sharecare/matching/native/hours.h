/* When one slot is free in the window, and how long it was booked before. */
enum { BOOKED_MIN = 28 * DAY }; /* as in score.py */

/* What weekly hours and dated ones that add offer, and what dated ones remove. */
static bool offer(struct search *search, int64_t slot, bool stirred) {
    const struct columns *all = search->all;
    int64_t zone = search->query->zones > 1 ? all->zone[slot] : 0;
    struct row weekly = all->weekly_rows[slot], dated = {0, 0};
    if (stirred) dated = all->dated_rows[slot];
    search->offered.count = search->taken.count = 0;
    for (int64_t in = search->first_piece[zone]; in < search->first_piece[zone + 1]; in++) {
        const struct piece *piece = &search->pieces[in];
        int64_t wall = piece->start + piece->offset, length = piece->end - piece->start;
        int64_t after = piece->start - search->query->start, dawn = wall - DAY, monday = week_minute(dawn);
        if (!make_room(&search->offered, weekly.count)) return false;
        for (int64_t at = first_of(weekly); at < weekly.end; at++) {
            const struct weekly *hours = &all->weekly[at];
            /* The one occurrence that starts less than a day before the piece, or in it. */
            int64_t begin = (hours->minute_and_length >> MINUTE_BIT) - monday;
            if (begin < 0) begin += WEEK;
            int64_t low = most(begin - DAY, 0), high = least(begin + (hours->minute_and_length & LENGTH) - DAY, length);
            if (low >= high) continue;
            int64_t date = floor_div(dawn + begin, DAY);
            if (hours->from_day <= date && date <= hours->until_day) add(&search->offered, low + after, high + after);
        }
        if (!dated.count) continue;
        if (!make_room(&search->offered, dated.count) || !make_room(&search->taken, dated.count)) return false;
        for (int64_t at = first_of(dated); at < dated.end; at++) {
            const struct dated *hours = &all->dated[at];
            int64_t low = most(hours->low - wall, 0), high = least(hours->high - wall, length);
            add(hours->adds ? &search->offered : &search->taken, low + after, high + after);
        }
    }
    return true;
}

static bool take(struct search *search, struct row row, const struct period *periods, int64_t widened) {
    const struct query *query = search->query;
    if (!make_room(&search->taken, row.count)) return false;
    for (int64_t at = first_of(row); at < row.end; at++)
        add(&search->taken, most(periods[at].low - widened - query->start, 0),
            least(periods[at].high + widened, query->end) - query->start);
    return true;
}

/* Whether anything dated makes a difference to a slot around the window. */
static bool is_stirred(const struct search *search, int64_t slot) {
    return search->all->look[slot].days & search->days;
}

/* Asks the memory for a slot's weekly hours, and where the dated ones lie if they matter. */
FETCHING fetch_hours(const struct search *search, int64_t slot) {
    const struct columns *all = search->all;
    struct row weekly = all->weekly_rows[slot];
    fetch(&all->weekly[first_of(weekly)]), fetch(&all->weekly[weekly.end]);
    if (is_stirred(search, slot))
        fetch(&all->dated_rows[slot]), fetch(&all->unavailable_rows[slot]), fetch(&all->busy_rows[slot]);
}

/* Then for the dated ones. */
FETCHING fetch_dated(const struct search *search, int64_t slot) {
    const struct columns *all = search->all;
    if (!is_stirred(search, slot)) return;
    fetch(&all->dated[first_of(all->dated_rows[slot])]);
    fetch(&all->unavailable[first_of(all->unavailable_rows[slot])]);
    fetch(&all->busy[first_of(all->busy_rows[slot])]);
}

/* Leaves in `rest` when the slot is free, and counts the minutes; -1 if memory is short. Who offers fewer minutes than
 * `enough` is asked for nothing more: what is counted then is some number below it. */
static int64_t free_minutes(struct search *search, int64_t slot, int64_t enough) {
    const struct columns *all = search->all;
    bool stirred = is_stirred(search, slot);
    if (!offer(search, slot, stirred)) return -1;
    int64_t minutes = unite(&search->offered);
    if (minutes < enough) return minutes;
    if (stirred) {
        if (!take(search, all->busy_rows[slot], all->busy, search->query->buffer)) return -1;
        if (!take(search, all->unavailable_rows[slot], all->unavailable, 0)) return -1;
        unite(&search->taken);
    }
    if (!subtract(&search->offered, &search->taken, &search->rest)) return -1;
    minutes = 0;
    for (int64_t at = 0; at < search->rest.count; at++) minutes += search->rest.at[at].high - search->rest.at[at].low;
    return minutes;
}

static int64_t booked_minutes(const struct search *search, int64_t slot) {
    const struct columns *all = search->all;
    if (all->look[slot].booked_minutes >= 0) return all->look[slot].booked_minutes;
    int64_t end = search->query->start, minutes = 0;
    struct row row = all->busy_rows[slot];
    for (int64_t at = first_of(row); at < row.end; at++)
        minutes += most(least(all->busy[at].high, end) - most(all->busy[at].low, end - BOOKED_MIN), 0);
    return minutes;
}
