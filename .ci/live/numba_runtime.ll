; What numba's kernels call of its own runtime, for WebAssembly: reference counted
; memory, and the few functions that natively come from numba's C code. Sizes are 64 bits
; wide in the kernels and 32 in the browser.

%MemInfo = type { i64, ptr, ptr, ptr, i64, ptr } ; references, …, data, size, …

declare ptr @malloc(i32)
declare void @free(ptr)
declare double @nextafter(double, double)

; What no memory of 32 bits holds gives null, as numba expects of memory that ran out.
define ptr @NRT_Allocate(i64 %size) {
  %much = icmp ugt i64 %size, 2147483647
  br i1 %much, label %none, label %some
some:
  %short = trunc i64 %size to i32
  %p = call ptr @malloc(i32 %short)
  ret ptr %p
none:
  ret ptr null
}

; 72 bytes of room hold the 40 of MemInfo and the gap up to a multiple of 32.
define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %room = add i64 %size, 72
  %info = call ptr @NRT_Allocate(i64 %room)
  %none = icmp eq ptr %info, null
  br i1 %none, label %done, label %fill
fill:
  %begin = ptrtoint ptr %info to i32
  %beyond = add i32 %begin, 71
  %aligned = and i32 %beyond, -32
  %data = inttoptr i32 %aligned to ptr
  store i64 1, ptr %info
  %at_data = getelementptr %MemInfo, ptr %info, i32 0, i32 3
  store ptr %data, ptr %at_data
  %at_size = getelementptr %MemInfo, ptr %info, i32 0, i32 4
  store i64 %size, ptr %at_size
  br label %done
done:
  ret ptr %info
}

define ptr @NRT_MemInfo_alloc_safe_aligned(i64 %size, i32 %align) {
  %info = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align)
  ret ptr %info
}

define ptr @NRT_MemInfo_alloc(i64 %size) {
  %info = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 32)
  ret ptr %info
}

define void @NRT_MemInfo_call_dtor(ptr %info) {
  call void @free(ptr %info)
  ret void
}

define void @NRT_Free(ptr %p) {
  call void @free(ptr %p)
  ret void
}

define double @numba_nextafter(double %a, double %b) {
  %r = call double @nextafter(double %a, double %b)
  ret double %r
}

; Of reshapes without a copy only those to one line of what has at most one axis.
define i32 @numba_attempt_nocopy_reshape(i64 %nd, ptr %dims, ptr %strides, i64 %newnd, ptr %newdims, ptr %newstrides, i64 %itemsize, i32 %fortran) {
  %few = icmp ult i64 %nd, 2
  %line = icmp eq i64 %newnd, 1
  %easy = and i1 %few, %line
  br i1 %easy, label %yes, label %no
yes:
  %none = icmp eq i64 %nd, 0
  br i1 %none, label %scalar, label %same
scalar:
  store i64 %itemsize, ptr %newstrides
  ret i32 1
same:
  %stride = load i64, ptr %strides
  store i64 %stride, ptr %newstrides
  ret i32 1
no:
  ret i32 0
}

; An error is told by the status: the Python of the kernel raises it again.
define void @PyErr_SetString(ptr %kind, ptr %text) {
  ret void
}

; Give up one reference to the memory of a returned array. Several may share it.
define void @release(ptr %info) {
  %count = load i64, ptr %info
  %left = sub i64 %count, 1
  store i64 %left, ptr %info
  %last = icmp eq i64 %left, 0
  br i1 %last, label %drop, label %keep
drop:
  call void @free(ptr %info)
  ret void
keep:
  ret void
}

; The product of two 128-bit numbers, which the tests for overflow of sizes need; a
; compiler's own library has it elsewhere.
define void @__multi3(ptr %r, i64 %a, i64 %ah, i64 %b, i64 %bh) noinline optnone {
  %al = and i64 %a, 4294967295
  %au = lshr i64 %a, 32
  %bl = and i64 %b, 4294967295
  %bu = lshr i64 %b, 32
  %ll = mul i64 %al, %bl
  %lu = mul i64 %al, %bu
  %ul = mul i64 %au, %bl
  %uu = mul i64 %au, %bu
  %c0 = lshr i64 %ll, 32
  %c1 = add i64 %c0, %ul
  %c1l = and i64 %c1, 4294967295
  %c1u = lshr i64 %c1, 32
  %c2 = add i64 %c1l, %lu
  %c2u = lshr i64 %c2, 32
  %h0 = add i64 %uu, %c1u
  %h1 = add i64 %h0, %c2u
  %lo = mul i64 %a, %b
  %x = mul i64 %a, %bh
  %y = mul i64 %ah, %b
  %h2 = add i64 %h1, %x
  %h3 = add i64 %h2, %y
  store i64 %lo, ptr %r
  %p = getelementptr i8, ptr %r, i32 8
  store i64 %h3, ptr %p
  ret void
}
