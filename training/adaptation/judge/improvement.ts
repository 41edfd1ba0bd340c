/** What a way to learn makes better. */
export type Improvement = 'depth' | 'labels';
