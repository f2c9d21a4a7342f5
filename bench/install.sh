#!/bin/sh
# Installs the programs that bench/edge compares with (Debian, as root).
set -eu
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends wrk nginx caddy
