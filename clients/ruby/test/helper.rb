# frozen_string_literal: true

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__), __dir__)
require "minitest/autorun"
require "offhook"
require "small_server"

# What the tests of the API share: a server whose answers they write, and a client that does not really wait.
class ClientTest < Minitest::Test
  def setup = @server = SmallServer.new
  def teardown = @server.close

  def client(**settings) = Offhook::Client.new(@server.url, "shop", "very-secret", **settings)

  # Let the server give these answers, in this order, to what the block asks.
  def answering(*answers)
    @server.answers.concat(answers)
    yield client(tries: 1)
  end

  # A connection whose waiting is written down instead of done.
  def patient(waits, **settings)
    retries = Offhook::Retries.new(sleep: ->(seconds) { waits << seconds }, **settings)
    credentials = Offhook::Credentials.new("shop", "very-secret")
    Offhook::Connection.new(@server.url, credentials, Offhook::Transport.new(timeout_s: 5), retries)
  end
end
