export const ran = 'module and its import';
