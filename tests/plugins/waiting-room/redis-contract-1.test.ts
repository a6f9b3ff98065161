import { isNode, redisContract } from "./_redis-contract.ts";

// Half of the 40,000 batches; the other half is in a file of its own, which runs at the same time.
await redisContract("redisStore() with ioredis", { batches: isNode ? 20_000 : 2000, seed: 1 });
