/**
 * Top-level modules of Python itself and of packages found beside Keras on most machines. A model that has loading look up names in
 * them reaches code its author did not have to bring along.
 */
const installed = new Set(
  `__builtin__ _io _posixsubprocess abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii
  binhex bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent
  configparser contextlib contextvars copy copyreg cProfile crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis
  distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib
  functools gc getopt getpass gettext glob grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io
  ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib
  msvcrt multiprocessing netrc nis nntplib nt numbers operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pip pipes
  pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re
  readline reprlib resource rlcompleter runpy sched secrets select selectors setuptools shelve shlex shutil signal site smtpd smtplib
  sndhdr socket socketserver spwd sqlite3 ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog
  tabnanny tarfile telnetlib tempfile termios test textwrap threading time timeit tkinter token tokenize trace traceback tracemalloc
  tty turtle types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml
  xmlrpc zipapp zipfile zipimport zoneinfo absl aiohttp boto3 cffi cloudpickle dill distributed django fastapi flask fsspec google
  h5py httpx huggingface_hub IPython jax jinja2 joblib lightgbm markdown matplotlib ml_dtypes mlflow namex numba numpy onnx optree
  pandas paramiko pkg_resources PIL psutil pyarrow pydantic pytest ray requests rich safetensors scipy skimage sklearn skops six
  sqlalchemy sympy tensorboard tensorflow tensorflow_datasets tensorflow_hub tokenizers torch torchvision tqdm transformers triton
  twisted urllib3 wandb werkzeug xgboost yaml`.split(/\s+/),
);

/** Is `module` likely to be importable wherever models are loaded? */
export function isCommonModule(module: string): boolean {
  return installed.has(module.split(".", 1)[0]!);
}
