# frozen_string_literal: true

require_relative "helper"
require "tempfile"

# A server with a certificate of its own making, and one that knows nothing of TLS.
class TestTls < Minitest::Test
  KEY = OpenSSL::PKey::RSA.new(2048)
  CERTIFICATE = OpenSSL::X509::Certificate.new.tap do |made|
    made.version = 2
    made.serial = 1
    made.subject = made.issuer = OpenSSL::X509::Name.parse("/CN=localhost")
    made.public_key = KEY.public_key
    made.not_before = Time.now - 60
    made.not_after = Time.now + 3600
    extensions = OpenSSL::X509::ExtensionFactory.new(made, made)
    made.add_extension(extensions.create_extension("basicConstraints", "CA:TRUE", true))
    made.add_extension(extensions.create_extension("subjectAltName", "DNS:localhost"))
    made.sign(KEY, OpenSSL::Digest.new("SHA256"))
  end

  def secure_server
    context = OpenSSL::SSL::SSLContext.new
    context.key = KEY
    context.cert = CERTIFICATE
    listener = TCPServer.new("127.0.0.1", 0)
    serve(listener, OpenSSL::SSL::SSLServer.new(listener, context)) do |socket|
      nil until socket.gets.chomp.empty?
      socket.write(SmallServer.answer(200, SmallServer.whole("it" => "came")))
    end
  end

  # Let one visitor in, and return the port.
  def serve(listener, acceptor)
    @thread = Thread.new do
      socket = acceptor.accept
      yield socket
      socket.close
    rescue OpenSSL::SSL::SSLError, SystemCallError
      nil
    end
    @listener = listener
    listener.addr[1]
  end

  def teardown
    @thread.join
    @listener.close
  end

  def account(host, port, **settings)
    Offhook::Client.new("https://#{host}:#{port}", "a", "b", tries: 1, timeout_s: 5, **settings).get_account
  end

  def test_an_authority_of_ones_own_is_named_in_ca_file
    Tempfile.create("authority.pem") do |file|
      file.write(CERTIFICATE.to_pem)
      file.flush
      assert_equal(SmallServer.whole("it" => "came"), account("localhost", secure_server, ca_file: file.path))
    end
  end

  def test_a_certificate_that_nobody_vouches_for_is_refused
    error = assert_raises(Offhook::TlsFailed) { account("localhost", secure_server) }
    assert_includes error.message, "ca_file"
    refute_predicate error, :passing?
  end

  def test_a_certificate_of_another_name_is_refused
    Tempfile.create("authority.pem") do |file|
      file.write(CERTIFICATE.to_pem)
      file.flush
      assert_raises(Offhook::TlsFailed) { account("127.0.0.1", secure_server, ca_file: file.path) }
    end
  end

  def test_a_server_without_tls_is_told
    listener = TCPServer.new("127.0.0.1", 0)
    port = serve(listener, listener) { |socket| socket.write("HTTP/1.1 400 Bad Request\r\n\r\n") }
    assert_raises(Offhook::TlsFailed) { account("localhost", port) }
  end
end
