/** Which column of a dataset's file plays which part: JSON, or null where their names say so. */
export const datasetColumns = `ALTER TABLE datasets ADD COLUMN columns TEXT;`;
