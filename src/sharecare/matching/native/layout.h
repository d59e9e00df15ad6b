/* What Python lays out and what it gets back: kernel.py says the same in NumPy's words. */
#include <stdint.h>

/* Which way somebody was found, as in words.py. */
enum { FRIENDS, FRIENDS_OF_FRIENDS, OPEN, ANYONE };
/* A person's flags, as in ties.py. */
enum { SUSPENDED = 1, HAS_BLOCKS = 2 };
/* Of `named`. */
enum { ANYBODY = -2 };

#define PACKED __attribute__((packed))

/* What is looked at of everyone nearby: what they offer, and the parts of the week in which they do, none for nobody.
 */
struct glance {
    uint64_t word, week;
};

/* What is looked at of those whom a glance leaves. */
struct standing {
    int32_t person, certified_until;
};

/* What is looked at of those whom that leaves; `days` are those on which anything dated makes a difference. */
struct look {
    double radius_m;
    int64_t person_id, household_id;
    uint64_t days;
    int32_t y, x, identified_until, trained_until, notified_until, birth_day, booked_minutes, unused;
};

/* A row of varying length: its entries lie before `end`. */
struct row {
    int32_t end, count;
};

struct PACKED weekly {
    int32_t minute_and_length, from_day, until_day;
};

struct PACKED dated {
    int32_t low, high;
    uint8_t adds;
};

struct PACKED period {
    int32_t low, high;
};

struct PACKED link {
    int32_t person;
    double strength;
};

/* In the order in which kernel.py lists them. */
struct columns {
    /* By slot. */
    const int64_t *key, *signpost;
    const struct glance *glance;
    const struct standing *standing;
    const struct look *look;
    const int16_t *zone;
    const struct row *weekly_rows;
    const struct weekly *weekly;
    const struct row *dated_rows;
    const struct dated *dated;
    const struct row *unavailable_rows;
    const struct period *unavailable;
    const struct row *busy_rows;
    const struct period *busy;
    /* By number of a person; place counts slots from 1. */
    const int32_t *place;
    const uint8_t *flags;
    const struct row *friend_rows;
    const struct link *friends;
    const struct row *other_rows;
    const struct link *others;
    const struct row *block_rows;
    const int32_t *blocked;
    const struct row *community_rows;
    const int32_t *communities;
    /* By number of a community; members ascend. */
    const struct row *member_rows;
    const int32_t *members;
    const double *community_weight;
    /* By the absolute sum of two y. */
    const double *metres_per_y, *metres_per_x;
};

struct piece {
    int64_t start, end, offset;
};

/* Level l has cells if bit l of `cell_levels` is set. Communities of more than `few` members are searched for a
 * candidate, not read. After the query follow, in words: for each zone the number of the first piece of the window on
 * its clock, and the number of all pieces; the pieces; and `away` people who are never found. */
struct query {
    int64_t requester, household_id, cell_digits, cell_row, cell_column, start, end, buffer, need, wanted;
    int64_t circle, min_level, circle_levels[3], needs_notification, born_by_day, named, top;
    int64_t sorted, used, cell_levels, zones, away, few;
    double max_distance_m, widest_m, scale_m, distance_weight, trust_weight, availability_weight;
};

/* A candidate, as handed out; `booked` is -1 as long as nobody had to know. */
struct found {
    int64_t slot, person_id, circle, free_minutes, billionths, booked;
    double score, distance_m, distance, trust, availability;
};
