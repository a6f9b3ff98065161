/** A place in a line; `token` is absent for a simulated visitor. */
export interface Place {
  readonly token: string | undefined;
  /** Slot in the line's storage, moved when the line is compacted. */
  slot: number;
}

/** A first-in, first-out line in which anybody may leave and everybody can be told their position. */
export interface Line {
  readonly length: number;
  push(token?: string): Place;
  shift(): Place | undefined;
  remove(place: Place): void;
  /** 1 for the first in line. */
  positionOf(place: Place): number;
}

/**
 * Creates a line. Every operation takes O(log n): a Fenwick tree counts the places before a slot, so that a position
 * need not be counted on each poll.
 */
export function createLine(): Line {
  let places: (Place | undefined)[] = [];
  let tree = new Int32Array(65);
  let head = 0;
  let length = 0;

  function add(slot: number, change: number): void {
    for (let i = slot + 1; i < tree.length; i += i & -i) tree[i] = (tree[i] ?? 0) + change;
  }

  function compact(): void {
    places = places.filter((place) => place !== undefined);
    head = 0;
    let size = 64;
    while (size < places.length * 2) size *= 2;
    tree = new Int32Array(size + 1);
    places.forEach((place, slot) => {
      if (place === undefined) return;
      place.slot = slot;
      add(slot, 1);
    });
  }

  function remove(place: Place): void {
    if (places[place.slot] !== place) return;
    places[place.slot] = undefined;
    add(place.slot, -1);
    length--;
  }

  return {
    get length(): number {
      return length;
    },
    push(token): Place {
      if (places.length + 1 >= tree.length) compact();
      const place = { token, slot: places.length };
      places.push(place);
      add(place.slot, 1);
      length++;
      return place;
    },
    shift(): Place | undefined {
      while (head < places.length) {
        const place = places[head++];
        if (place === undefined) continue;
        remove(place);
        return place;
      }
      return undefined;
    },
    remove,
    positionOf(place): number {
      let position = 0;
      for (let i = place.slot + 1; i > 0; i -= i & -i) position += tree[i] ?? 0;
      return position;
    },
  };
}
