"""Compile recbook's kernels to WebAssembly: one module, and a table of signatures.

Usage: python .ci/live/kernels.py FOLDER

Writes ``kernels.so`` and ``kernels.json``, which :mod:`recbook._core.wasm` loads in a
browser. numba compiles each kernel for the types that the fits of ``warm.py`` use. Its
LLVM code is then compiled again for WebAssembly. Pointers have 32 bits there; numba's
own integers and its layouts stay as they are.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

HERE = Path(__file__).resolve().parent
TRIPLE = "wasm32-unknown-emscripten"
FEATURES = "+simd128,+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals"
# The function that reports shapes that do not fit; wasm.py writes the message itself.
TELLS = re.compile(
    r"^(define [^\n]*ol_raise_with_shape_context[^\n]*\{)\n.*?^\}", re.M | re.S
)
# numba's functions that draw from a generator of NumPy.
DRAWS = re.compile(r"^( *)(%\S+) = call (double|i64|i32) (%\S+)\(i64 (%\S+?)\)", re.M)


def machine():
    """Return LLVM's compiler for a browser."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLE)
    # "pic": the browser may put the constants anywhere.
    return target.create_target_machine(
        cpu="generic", features=FEATURES, opt=3, reloc="pic"
    )


def retarget(text, layout):
    """Return numba's code for this machine as code for a browser."""
    text = re.sub(
        r"^target datalayout = .*$", f'target datalayout = "{layout}"', text, flags=re.M
    )
    text = re.sub(
        r"^target triple = .*$", f'target triple = "{TRIPLE}"', text, flags=re.M
    )
    # Nobody reads the pickled errors: wasm.py raises its own.
    text = re.sub(
        r"^(@\.const\.picklebuf\S* = internal constant) (\{.*?\}) \{.*$",
        r"\1 \2 zeroinitializer",
        text,
        flags=re.M,
    )
    text = TELLS.sub(r"\1\n  ret i32 1\n}", text)
    # A generator's functions take its state as a pointer.
    return DRAWS.sub(
        r"\1\2.state = trunc i64 \5 to i32\n\1\2 = call \3 \4(i32 \2.state)", text
    )


def entry(native, params, export):
    """Return the code of an export, which reads its arguments from slots of 64 bits.

    The slots after them take what the kernel returns. The result is numba's status.
    """
    lines = [
        f"declare i32 @{native}({', '.join(params)})",
        f"define i32 @{export}(ptr %slots) {{",
        "  %error = alloca ptr",
        "  store ptr null, ptr %error",
    ]
    for k, kind in enumerate(params[2:]):
        lines += [
            f"  %at{k} = getelementptr i64, ptr %slots, i32 {k}",
            f"  %value{k} = load {kind}, ptr %at{k}",
        ]
    passed = [f"{kind} %value{k}" for k, kind in enumerate(params[2:])]
    passed = ", ".join(["ptr %back", "ptr %error", *passed])
    lines += [
        f"  %back = getelementptr i64, ptr %slots, i32 {len(params) - 2}",
        f"  %status = call i32 @{native}({passed})",
        "  ret i32 %status",
        "}",
    ]
    return "\n".join(lines)


def keep(module, exports):
    """Hide all but the exports, so that LLVM can drop what they do not need."""
    for value in [*module.functions, *module.global_variables]:
        if not value.is_declaration and value.name not in exports:
            value.linkage = "internal"


def optimise(module, target):
    """Run the usual optimisations of LLVM."""
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)


def kind_of(kind):
    """Return the name of an argument's type in the table; see ``wasm.kind_of``."""
    from numba import types

    if isinstance(kind, types.Array):
        return f"{np.dtype(str(kind.dtype)).str[1:]}:{kind.ndim}{kind.layout}"
    if isinstance(kind, types.BaseTuple):
        return "(" + ",".join(map(kind_of, kind)) + ")"
    kind = types.unliteral(kind)
    names = {types.int64: "i", types.float64: "f", types.boolean: "b"}
    if kind in names:
        return names[kind]
    if isinstance(kind, types.NumPyRandomGeneratorType):
        return "g"
    raise TypeError(f"recbook._core.wasm cannot pass a {kind}")


def form_of(kind):
    """Return how ``wasm.py`` is to read what a kernel returns."""
    from numba import types

    if isinstance(kind, types.NoneType):
        return None
    if isinstance(kind, types.Array):
        return [np.dtype(str(kind.dtype)).str[1:], kind.ndim]
    if isinstance(kind, types.BaseTuple):
        return ["tuple", [form_of(part) for part in kind]]
    return kind_of(kind)


def overloads():
    """Return the compiled signatures of all kernels of recbook, by name and types."""
    from numba.core.dispatcher import Dispatcher

    found = {}
    for name in sorted(name for name in sys.modules if name.startswith("recbook.")):
        for kernel in vars(sys.modules[name]).values():
            if isinstance(kernel, Dispatcher) and kernel.py_func.__module__ == name:
                for overload in kernel.overloads.values():
                    kinds = ",".join(map(kind_of, overload.signature.args))
                    # An array that may not be written to is passed as any other.
                    found[f"{name}:{kernel.py_func.__qualname__}", kinds] = overload
    return dict(sorted(found.items()))


def compile_half(half, folder):
    """Run the fits of one half; write the kernels that they compiled, and the table."""
    import warm
    from numba import NumbaWarning

    from recbook import datasets

    warnings.simplefilter("ignore", NumbaWarning)
    toy = datasets.load_toy()
    for fit in warm.HALVES[half]:
        fit(toy)
    target = machine()
    layout = str(target.target_data)
    head = f'target datalayout = "{layout}"\ntarget triple = "{TRIPLE}"\n'
    whole, table = llvm.parse_assembly(head), {}
    for place, ((name, kinds), overload) in enumerate(overloads().items()):
        native, export = overload.fndesc.llvm_func_name, f"{half}{place}"
        code = retarget(overload.library.get_llvm_str(), layout)
        module = llvm.parse_assembly(code)
        params = [str(p.type) for p in module.get_function(native).arguments]
        module.link_in(llvm.parse_assembly(head + entry(native, params, export)))
        keep(module, {export})
        whole.link_in(module)
        returned = form_of(overload.signature.return_type)
        table.setdefault(name, {})[kinds] = [export, params[2:], returned]
    optimise(whole, target)
    (folder / f"{half}.bc").write_bytes(whole.as_bitcode())
    (folder / f"{half}.json").write_text(json.dumps(table), encoding="utf-8")


def run_half(half, folder):
    """Compile one half in a process of its own, with an empty cache."""
    settings = {
        "NUMBA_OPT": "0",  # no time for this machine's code, which is not used
        "NUMBA_CACHE_DIR": str(folder / f"cache-{half}"),
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE.parents[1])]),
        "PYTHONHASHSEED": "0",
    }
    command = [sys.executable, str(HERE / "kernels.py"), str(folder), half]
    subprocess.run(command, check=True, env=os.environ | settings)


def refuse_variables(module):
    """Raise an error if a kernel reads a variable that numba sets when it is loaded."""
    for value in module.global_variables:
        if not value.is_declaration and "constant" not in str(value).split("=")[1]:
            raise ValueError(f"the kernels want the variable {value.name} of numba")


def build(folder):
    """Write ``kernels.so`` and ``kernels.json`` into the folder."""
    sys.path.insert(0, str(HERE.parent))
    import warm

    from live.side_module import side_module

    target, table = machine(), {}
    whole = llvm.parse_assembly(
        f'target datalayout = "{target.target_data}"\ntarget triple = "{TRIPLE}"\n'
        + (HERE / "numba_runtime.ll").read_text(encoding="utf-8")
    )
    with tempfile.TemporaryDirectory() as made, ThreadPoolExecutor() as pool:
        list(pool.map(run_half, warm.HALVES, [Path(made)] * len(warm.HALVES)))
        for half in warm.HALVES:
            whole.link_in(llvm.parse_bitcode((Path(made) / f"{half}.bc").read_bytes()))
            rows = json.loads((Path(made) / f"{half}.json").read_text(encoding="utf-8"))
            for name, signatures in rows.items():
                table[name] = signatures | table.get(name, {})
    exports = [row[0] for rows in table.values() for row in rows.values()]
    exports = [*sorted(exports), "release"]
    keep(whole, {*exports, "__multi3"})  # the compiler itself calls it
    optimise(whole, target)
    refuse_variables(whole)
    module = side_module(target.emit_object(whole), exports)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernels.so").write_bytes(module)
    table = json.dumps(table, sort_keys=True) + "\n"
    (folder / "kernels.json").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[2:]:
        compile_half(sys.argv[2], Path(sys.argv[1]))
    else:
        build(Path(sys.argv[1]))
