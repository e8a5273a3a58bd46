# frozen_string_literal: true

require "net/http"
require "openssl"
require_relative "answer"
require_relative "errors"
require_relative "guarded_socket"
require_relative "version"

module Offhook
  # One request over net/http: an Answer comes back, or a NetworkError is raised. Nothing is tried again here.
  #
  # Every request has a connection of its own: there is no state to share, so threads may use one client.
  class Transport
    REQUESTS = {
      "GET" => Net::HTTP::Get, "POST" => Net::HTTP::Post, "PUT" => Net::HTTP::Put, "DELETE" => Net::HTTP::Delete
    }.freeze
    HEADERS = { "User-Agent" => "offhook-ruby/#{VERSION}", "Accept-Encoding" => "identity" }.freeze
    MOST_BYTES = 512 * 1024 * 1024

    def initialize(timeout_s:, ca_file: nil)
      good = timeout_s.is_a?(Numeric) && timeout_s.positive?
      raise InvalidArgument, "timeout_s is a number of seconds above 0" unless good

      @timeout_s = timeout_s
      @ca_file = ca_file
    end

    # Send a request to a URI. The time-out holds for all of a try, from its connection to the last byte of its body,
    # `patience` times as long.
    def exchange(method, uri, headers, body = nil, patience: 1)
      # Without its query, in which callers' numbers may stand.
      asked = "#{method} #{uri.to_s.partition("?")[0]}"
      request = REQUESTS.fetch(method).new(uri.request_uri, HEADERS.merge(headers))
      request.body = body
      told_as_ours(asked, uri) do
        answer = nil
        connection(uri, patience).start do |http|
          http.request(request) do |response|
            http.begin_body
            answer = read(asked, response)
          end
        end
        answer
      end
    end

    private

    def connection(uri, patience)
      http = GuardedHTTP.new(uri.hostname, uri.port)
      http.deadline = now + (@timeout_s * patience)
      http.use_ssl = uri.scheme == "https"
      http.verify_mode = OpenSSL::SSL::VERIFY_PEER
      http.ca_file = @ca_file
      http.open_timeout = http.read_timeout = http.write_timeout = @timeout_s
      # How often is tried is decided in one place, and that is Retries.
      http.max_retries = 0
      http
    end

    def read(asked, response)
      body = String.new(encoding: Encoding::BINARY)
      response.read_body do |part|
        body << part
        raise UnexpectedAnswer, "#{asked}: the answer has over #{MOST_BYTES} bytes" if body.bytesize > MOST_BYTES
      end
      refuse_half(asked, response, body)
      Answer.new(asked: asked, status: response.code.to_i, headers: response.each_header.to_h, body: body)
    end

    # net/http takes a body that breaks off for a whole one.
    def refuse_half(asked, response, body)
      return if response.chunked? || response.content_length.nil? || body.bytesize == response.content_length

      raise ConnectionLost, "#{asked}: the connection broke within the answer. Try again."
    end

    def told_as_ours(asked, uri)
      yield
    rescue SocketError
      raise HostNotFound, "#{asked}: there is no host #{uri.hostname}. Is base_url right, and can it be resolved?"
    rescue Errno::ECONNREFUSED
      raise ConnectionRefused, "#{asked}: nothing listens on #{uri.hostname}, port #{uri.port}. " \
                               "Is base_url right, and does the platform run?"
    rescue Net::OpenTimeout, Net::ReadTimeout, Net::WriteTimeout, Errno::ETIMEDOUT
      raise TimedOut, "#{asked}: no whole answer within #{@timeout_s} s. Is the host reachable? Else raise timeout_s."
    rescue OpenSSL::SSL::SSLError => error
      raise TlsFailed, "#{asked}: no secure connection (#{error.message}). " \
                       "Check the certificate, the host's name in base_url and ca_file."
    rescue URI::Error
      raise NetworkError, "#{asked}: the proxy that the environment names (http_proxy, https_proxy) is no URL.", cause: nil
    rescue GuardedSocket::TooLong
      raise UnexpectedAnswer, "#{asked}: the headers of the answer have no end. Is the port of base_url right?", cause: nil
    rescue Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError, Net::ProtocolError
      # Its own message would show what was said instead.
      raise UnexpectedAnswer, "#{asked}: what listens there does not speak HTTP. Is the port of base_url right?",
            cause: nil
    rescue EOFError, IOError, Errno::ECONNRESET, Errno::ECONNABORTED, Errno::EPIPE
      raise ConnectionLost, "#{asked}: the connection broke before the answer was there. Try again."
    rescue SystemCallError => error
      raise NetworkError, "#{asked}: the network failed (#{error.class.name.split("::").last}). Is the host reachable?"
    end

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
