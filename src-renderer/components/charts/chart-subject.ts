import { createContext, useContext } from 'react';

/** Whose charts a page shows: a saved picture says so, because no page stands around it any more. */
const ChartSubject = createContext('');

export const ChartSubjectProvider = ChartSubject.Provider;
export const useChartSubject = (): string => useContext(ChartSubject);
