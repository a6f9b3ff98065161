import { index, route } from "@react-router/dev/routes";

export default [
  index("routes/home.jsx"),
  route("about", "routes/about.jsx"),
  route("tickets", "routes/tickets.jsx"),
  route("tickets/map", "routes/map.jsx"),
  route("tickets/fail", "routes/fail.jsx"),
  route("tickets/slow", "routes/slow.jsx"),
  // Middlewares are called for routes only, and the room has addresses of its own.
  route("*", "routes/not-found.jsx"),
];
