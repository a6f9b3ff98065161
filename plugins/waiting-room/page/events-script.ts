/**
 * The part of the page's script that listens to a room which tells of changes. Each event puts off the next question, so the page asks
 * again by itself where none comes, or where nobody may listen any more.
 */
export const eventsScript: string = `
  let stream;
  function listen() {
    if (!view.hasEvents || stream || over || view.isCalled || view.number === undefined) return;
    stream = new EventSource(view.path + "/events");
    stream.onmessage = ({ data }) => {
      age = failures = 0;
      const isKept = clock() - keptAt <= keepMs;
      if (isKept && !over && looked(JSON.parse(data))) return checked();
      stream.close();
      stream = undefined;
      if (over || view.isCalled) return;
      // Those who are called hear of it at the same time.
      if (isKept) view.isCalled = true;
      later(random() * 1000);
    };
    // A browser comes again by itself, but not to who has no room for it.
    stream.onerror = () => { if (stream.readyState === 2) view.hasEvents = false; };
  }
`;
