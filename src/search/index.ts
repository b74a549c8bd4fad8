/** Search: one query language over graphs, runs, steps, values and logs. Reads; changes nothing but its own index. */
export {}
