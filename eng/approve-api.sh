#!/usr/bin/env bash
# Writes the public surface of each package as it is now into tests/S3L.Core.Tests/PublicApi, for review in the diff.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build tests/S3L.Core.Tests -c Release "$@"
S3L_APPROVE_API=1 tests/S3L.Core.Tests/bin/Release/net10.0/S3L.Core.Tests -namespace S3L.Core.Tests.PublicApi
git --no-pager diff --stat -- tests/S3L.Core.Tests/PublicApi
