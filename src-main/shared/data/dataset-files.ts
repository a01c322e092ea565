/** How the names of preference files end; the content decides what they are. */
export const datasetExtensions = ['json', 'jsonl', 'ndjson', 'gz'] as const;
