import { originOf } from "./origin.ts";

/**
 * The address of a page within its site: what stands behind scheme and host, which a proxy may have changed. It begins with one slash, for
 * several would be another host.
 *
 * @param url An absolute URL in canonical form.
 */
export function siteAddress(url: string): string {
  return url.slice(originOf(url).length).replace(/^[/\\]*/, "/");
}
