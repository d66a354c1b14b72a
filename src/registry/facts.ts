/** Keys of the small facts the registry keeps in the store. All of them are part of a backup. */
export const facts = {
  /** Time of the latest record, RFC 3339. */
  latestTime: "registry.latest-time",
  /** The first log index no settled statement has. */
  logNext: "registry.log-next",
  /** The recipient new objects are wrapped for. */
  storeKey: "registry.store-key",
} as const;
