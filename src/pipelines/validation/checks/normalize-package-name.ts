/** Normalizes the name of a Python package for comparison (PEP 503). */
export const normalizePackageName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
