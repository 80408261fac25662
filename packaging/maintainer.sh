#!/bin/sh
# Who makes the packages: "Name <address>". A company that builds its own sets PACKAGE_MAINTAINER.
echo "${PACKAGE_MAINTAINER:-Understudy maintainers <maintainers@understudy.invalid>}"
