import { Links, Meta, Outlet, Scripts } from "react-router";

export { clientMiddleware } from "./client-middleware.js";
export { middleware } from "./middleware.js";

export default function Root() {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <link rel="icon" href="data:," />
        <Meta />
        <Links />
      </head>
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
