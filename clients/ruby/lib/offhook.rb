# frozen_string_literal: true

# Dial-in numbers of an Offhook platform, from Ruby.
#
# Read `offhook/client` for the HTTP API, `offhook/script` for what an action server answers, and
# `offhook/signature` for how it knows who asks. Nothing but the standard library is needed.
module Offhook
end

require_relative "offhook/version"
require_relative "offhook/errors"
require_relative "offhook/script"
require_relative "offhook/signature"
require_relative "offhook/client"
