/** The icon of the pages, as a data URI that stands in an attribute as it is. The first colour in it is that of the ground. */
export const icon: string = "data:image/svg+xml," +
  "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E" +
  "%3Crect width='32' height='32' rx='7' fill='%238f1d34'/%3E" +
  "%3Cg fill='none' stroke='%23fff' stroke-width='3'%3E%3Cpath d='M7 9v15M25 9v15M7 12q9 11 18 0'/%3E%3C/g%3E%3C/svg%3E";
