// The house rules as an oxlint plugin; each rule has a file of its own and a test in rules.test.mjs.
import docstring from "./docstring.mjs";
import errorClass from "./error-class.mjs";
import fileLength from "./file-length.mjs";
import fileName from "./file-name.mjs";
import noModuleState from "./no-module-state.mjs";
import pureRoom from "./pure-room.mjs";

export default {
  meta: { name: "house" },
  rules: {
    docstring,
    "error-class": errorClass,
    "file-length": fileLength,
    "file-name": fileName,
    "no-module-state": noModuleState,
    "pure-room": pureRoom,
  },
};
