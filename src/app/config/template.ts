/** The castellan.yaml `castellan init` writes: every setting with its default, commented out, so that the file changes nothing. */
export function configTemplate(): string {
  return `# Settings of this Castellan installation. Everything is optional: what is commented out shows its default.
# A CASTELLAN_* variable wins over this file (gateway.port is CASTELLAN_GATEWAY_PORT), a command's option wins over both.
# Secrets do not belong here: use variables for them.

# Folder that holds store, blobs, log and keys. Relative paths start at this file.
# home: .castellan

# The policy the gate uses.
# policy: .castellan/policy.yaml

# Where the gateway listens. Port 0 takes a free one.
# gateway:
#   host: 127.0.0.1
#   port: 8080

# Metadata lives in SQLite in the home folder, or in PostgreSQL. With a pass word, set CASTELLAN_STORE_URL instead.
# store:
#   url: postgres://castellan@db.example/castellan

# Encrypted bytes live in the home folder, or in an S3-compatible object store. Its keys come from
# CASTELLAN_BLOBS_S3_ACCESS_KEY_ID and CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY.
# blobs:
#   s3:
#     endpoint: https://s3.example
#     bucket: castellan
#     region: us-east-1

# The transparency log: its name (fixed once the home is made), who cosigns its checkpoints, and how many of them must.
# log:
#   origin: castellan.local/log
#   witnesses:
#     - url: https://witness.example
#       vkey: witness.example+0123abcd+BASE64
#   quorum: 1
`;
}
