/** Says where the content of the first page is, which the theme does not tell to those who do not see it. */
export function mendAccess(): void {
  document.querySelector(".VPHome")?.setAttribute("role", "main");
}
