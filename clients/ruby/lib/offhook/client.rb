# frozen_string_literal: true

require_relative "account"
require_relative "calls"
require_relative "connection"
require_relative "credentials"
require_relative "numbers"
require_relative "recordings"
require_relative "retries"
require_relative "rules"
require_relative "subscriptions"
require_relative "transport"

module Offhook
  # The API of one platform for one API user. Values are Hashes as the API writes them, with String keys.
  #
  #   client = Offhook::Client.new("https://api.example.com", "sid", "token")
  #   client.get_din_list(country: "JP").first(10)
  #
  # Its methods stand in the files of what they are about. It may be used by several threads.
  class Client
    include Numbers
    include Subscriptions
    include Rules
    include Calls
    include Recordings
    include Account

    # `tries` and `longest_wait_s` bound what is tried again; `ca_file` names authorities (PEM) besides the system's.
    def initialize(base_url, sid, token, timeout_s: 30, tries: 3, longest_wait_s: 30, ca_file: nil)
      transport = Transport.new(timeout_s: timeout_s, ca_file: ca_file)
      retries = Retries.new(tries: tries, longest_wait_s: longest_wait_s)
      @connection = Connection.new(base_url, Credentials.new(sid, token), transport, retries)
    end

    def inspect = "#<#{self.class} #{@connection.inspect}>"
    alias to_s inspect
  end
end
