/** The modules of the package, by what one imports from. The configuration of the site puts them here. */
declare const __LIBRARY__: Readonly<Record<string, string>>;

declare module "*?raw" {
  const text: string;
  export default text;
}

declare module "*?worker&url" {
  const url: string;
  export default url;
}
