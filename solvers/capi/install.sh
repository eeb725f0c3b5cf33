#!/bin/sh
# Installs the C library that cargo has built: header, static and shared library, the Fortran module
# (as source) and the pkg-config file. `make install PREFIX=DIR` builds it and calls this.
#
#   solvers/capi/install.sh BUILD PREFIX    BUILD: cargo's folder, target/release
#
# Read by this script: DESTDIR (a folder that stands for the root, for packagers), LIBDIR (the
# libraries' folder below PREFIX, default lib).
set -eu

fail() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}

[ $# -eq 2 ] || fail "two arguments are needed: cargo's build folder and the prefix"
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$1
prefix=$2
libdir=${LIBDIR:-lib}
version=$(sed -n 's/^version *= *"\(.*\)".*/\1/p' "$here/../../Cargo.toml" | head -n 1)

case $prefix in
/*) ;;
*) fail "PREFIX must be an absolute path, $prefix is not: programs look for the library there" ;;
esac
# sed and pkg-config would take these for something else
case $prefix$libdir in
*[\|\&\\\ ]*) fail "blanks, |, & and \\ in $prefix/$libdir: choose another folder" ;;
esac

# What Rust's standard library needs, by `rustc --print native-static-libs`.
case $(uname -s) in
Linux)
    shared=libkarman_capi.so
    links="libkarman.so.0 libkarman.so"
    real=libkarman.so.$version
    native="-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"
    ;;
Darwin)
    shared=libkarman_capi.dylib
    links="libkarman.0.dylib libkarman.dylib"
    real=libkarman.$version.dylib
    native="-lSystem -lc -lm"
    ;;
*) fail "$(uname -s) is not known to this script: copy include/karman.h and the libraries of $build" ;;
esac

for file in libkarman_capi.a "$shared"; do
    [ -r "$build/$file" ] || fail "$build/$file is not there: cargo build --release -p karman-capi"
done

root=${DESTDIR:-}$prefix
mkdir -p "$root/include" "$root/$libdir/pkgconfig" "$root/share/karman"

# put FROM TO: under another name first, so that a running program keeps the file that it has open
put() {
    cp "$1" "$2.new"
    chmod "${3:-644}" "$2.new"
    mv -f "$2.new" "$2"
}

put "$here/include/karman.h" "$root/include/karman.h"
put "$here/fortran/karman_poisson.f90" "$root/share/karman/karman_poisson.f90"
put "$build/libkarman_capi.a" "$root/$libdir/libkarman.a"
put "$build/$shared" "$root/$libdir/$real" 755
for link in $links; do ln -sf "$real" "$root/$libdir/$link"; done
sed -e "s|@PREFIX@|$prefix|" -e "s|@LIBDIR@|$libdir|" -e "s|@VERSION@|$version|" -e "s|@NATIVE@|$native|" \
    "$here/karman.pc.in" >"$root/$libdir/pkgconfig/karman.pc"

printf 'installed karman %s into %s\n' "$version" "$root"
printf '  pkg-config --cflags --libs karman   (PKG_CONFIG_PATH=%s)\n' "$prefix/$libdir/pkgconfig"
