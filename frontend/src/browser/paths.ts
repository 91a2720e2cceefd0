/** The addresses of the pages, below the base path. Links and routes use these. */
export const paths = {
  wall: '/',
  printer: <Id extends number | ':id'>(id: Id) => `/p/${id}` as const,
  printers: '/printers',
  addPrinter: '/printers/new',
  editPrinter: <Id extends number | ':id'>(id: Id) => `/printers/${id}/edit` as const,
} as const;

/** Whether the page of one printer is there. */
export const isPrinterPath = (path: string): boolean => /^\/p\/\d+$/u.test(path);
