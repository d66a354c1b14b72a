import { readFileSync } from "node:fs";

/**
 * A small file written by h5py 3.7 (HDF5 1.10): "default" and "latest" hold the same groups, attributes and datasets in the library's
 * default and newest layout, "outside" an external link, external storage and a virtual dataset.
 */
export function hdf5Fixture(name: "default" | "latest" | "outside"): Buffer {
  return readFileSync(new URL(`../../src/formats/hdf5/testing/${name}.h5`, import.meta.url));
}
