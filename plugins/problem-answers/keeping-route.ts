import { html, htmlPage, refresh } from "./html-page.ts";

/** Under what a tab keeps its route; the same as in `stanchion/browser`. */
const routeKey = "stanchion-route";

/** A page that keeps the route of its address in the tab, and goes to the waiting room. Without scripts it goes there all the same. */
export function keepingRoute(location: string): Response {
  const room = JSON.stringify(location).replaceAll("<", "\\u003c");
  const script = `<script>try{var l=window.location;if(l.hash)sessionStorage.setItem("${routeKey}",` +
    `JSON.stringify([l.pathname,l.hash]))}catch(e){}window.location.replace(${room})</script>`;
  return new Response(htmlPage(location, `<noscript>${refresh(location)}</noscript>`, script), {
    headers: html,
  });
}
