/* From everyone nearby to those who fit: the cheapest tests first, many slots side by side. */
enum { BATCH = 256, LINE = 64 };

/* Slots that a glance left, looked at together: what one step reads was asked for a step or two before, so that the
 * memory's answers overlap. */
struct batch {
    int64_t count, slots[BATCH];
    struct found found[BATCH];
};

struct results {
    struct best asks, suggestions;
};

/* Leaves in a batch's `found` those who fit but for their time; counts them. */
static int64_t left_of(struct search *search, struct batch *batch) {
    const struct columns *all = search->all;
    struct found *found = batch->found;
    int64_t left = 0, count = 0;
    for (int64_t at = 0; at < batch->count; at++) fetch(&all->standing[batch->slots[at]]);
    for (int64_t at = 0; at < batch->count; at++) {
        int64_t slot = batch->slots[at];
        if (!qualified(search, slot, &found[left])) continue;
        fetch(&all->look[slot]), fetch(&all->weekly_rows[slot]);
        left++;
    }
    batch->count = 0;
    for (int64_t at = 0; at < left; at++) {
        if (!allowed(search, &found[at])) continue;
        fetch_hours(search, found[at].slot);
        found[count++] = found[at];
    }
    return count;
}

static struct best *best_of(struct results *results, const struct search *search, const struct found *found) {
    bool whole = found->free_minutes == search->query->end - search->query->start;
    return whole ? &results->asks : &results->suggestions;
}

static bool flush(struct search *search, struct batch *batch, struct results *results) {
    const struct columns *all = search->all;
    int64_t window = search->query->end - search->query->start, enough = (window + 1) / 2;
    struct found *found = batch->found;
    int64_t left = left_of(search, batch), count = 0;
    for (int64_t at = 0; at < left; at++) fetch_dated(search, found[at].slot);
    for (int64_t at = 0; at < left; at++) {
        int64_t minutes = found[at].free_minutes = free_minutes(search, found[at].slot, enough);
        if (minutes < 0) return false;
        if (minutes < enough) continue;
        weigh(search, &found[at]);
        if (!may_enter(best_of(results, search, &found[at]), &found[at])) continue;
        fetch(&all->busy_rows[found[at].slot]); /* among equals whoever was booked less comes first */
        found[count++] = found[at];
    }
    for (int64_t at = 0; at < count; at++) fetch(&all->busy[first_of(all->busy_rows[found[at].slot])]);
    for (int64_t at = 0; at < count; at++)
        if (!keep(search, best_of(results, search, &found[at]), &found[at])) return false;
    return true;
}

FETCHING fetch_glances(const struct columns *all, int64_t slot, int64_t after) {
    for (after = least(after, slot + BATCH); slot < after; slot += LINE / (int64_t)sizeof *all->glance)
        fetch(&all->glance[slot]);
}

/* Lets through who offers this kind and means of care to as many children of these ages, at that time of the week. */
static bool glance_at(struct search *search, int64_t slot, int64_t after, struct batch *batch,
                      struct results *results) {
    const struct columns *all = search->all;
    uint64_t need = (uint64_t)search->query->need, wanted = (uint64_t)search->query->wanted;
    bool zones = search->query->zones > 1;
    while (slot < after) {
        int64_t end = least(after, slot + BATCH - batch->count), count = batch->count;
        for (; slot < end; slot++) {
            batch->slots[count] = slot;
            count += (((all->glance[slot].word - need) & wanted) == wanted) &
                     ((all->glance[slot].week & search->week[zones ? all->zone[slot] : 0]) != 0);
        }
        batch->count = count;
        if (count == BATCH && !flush(search, batch, results)) return false;
    }
    return true;
}

static bool find(struct search *search, struct batch *batch, struct results *results) {
    const struct columns *all = search->all;
    const struct query *query = search->query;
    if (query->named != ANYBODY)
        return query->named < 0 || glance_at(search, query->named, query->named + 1, batch, results);
    if (query->circle == FRIENDS) {
        if (query->requester < 0) return true;
        struct row friends = all->friend_rows[query->requester];
        for (int64_t at = first_of(friends); at < friends.end; at++) {
            int64_t slot = all->place[all->friends[at].person] - 1;
            if (slot >= 0 && !glance_at(search, slot, slot + 1, batch, results)) return false;
        }
        return true;
    }
    struct stretches near = {.count = 0};
    bool done = slots_within(search, &near);
    for (int64_t at = 0; done && at < near.count; at++) {
        if (at + 1 < near.count) fetch_glances(all, near.bounds[2 * at + 2], near.bounds[2 * at + 3]);
        done = glance_at(search, near.bounds[2 * at], near.bounds[2 * at + 1], batch, results);
    }
    free(near.bounds);
    return done && glance_at(search, query->sorted, query->used, batch, results);
}
