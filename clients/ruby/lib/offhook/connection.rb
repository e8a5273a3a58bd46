# frozen_string_literal: true

require "json"
require "securerandom"
require "set"
require "time"
require "uri"
require_relative "documents"
require_relative "errors"
require_relative "percent"
require_relative "retries"

module Offhook
  # Requests of the API: paths, queries, bodies and keys go out, values come back or errors are raised.
  class Connection
    # More pages of one list than anybody reads.
    MOST_PAGES = 100_000
    LONGEST_KEY = 255
    # How many times as long as all else a recording may take.
    AUDIO_PATIENCE = 20

    attr_reader :base_url

    def initialize(base_url, credentials, transport, retries)
      @base_url = base_of(base_url)
      @credentials = credentials
      @transport = transport
      @retries = retries
    end

    def get(path, query = {}) = document("GET", path, query)

    def list(path) = ask("GET", path).value(Array, Documents.keys("GET", path))

    # Return an Enumerator over the items of all pages; each page is asked for when it is needed.
    def pages(path, filters)
      Enumerator.new do |items|
        seen = Set[query_of(filters)]
        answer = ask("GET", path, filters)
        loop do
          answer.value(Array, Documents.keys("GET", path)).each { |item| items << item }
          following = answer.next_query or break
          unless seen.add?(query_of(following)) && seen.size <= MOST_PAGES
            raise UnexpectedAnswer, "#{answer.asked}: the list goes round in a circle, or has no end"
          end

          answer = ask("GET", path, following)
        end
      end
    end

    # Do something once: the key is the same for every try. Without one of yours a random one is sent.
    def post(path, fields, key)
      headers = { "Idempotency-Key" => key.nil? ? SecureRandom.uuid : plain_key(key) }
      document("POST", path, body: json_of(fields), headers: headers)
    end

    # `rules` are a Hash, or JSON text that is sent as it is.
    def put(path, rules) = document("PUT", path, body: rules.is_a?(String) ? rules : json_of(rules))

    def delete(path) = document("DELETE", path)

    def bytes(path, type) = ask("GET", path, headers: { "Accept" => type }, patience: AUDIO_PATIENCE).bytes(type)

    # Join words and ids to a path. An empty id would ask for something else, so it is refused.
    def path(*parts)
      encoded = parts.map do |part|
        raise InvalidArgument, "an id is needed, not #{part.inspect}" if ["", ".", ".."].include?(part.to_s)

        Percent.encode(part.to_s)
      end
      "/#{encoded.join("/")}/"
    end

    def inspect = "#<#{self.class} #{base_url} #{@credentials.inspect}>"
    alias to_s inspect

    private

    def document(method, path, query = {}, **what)
      ask(method, path, query, **what).value(Hash, Documents.keys(method, path))
    end

    def ask(method, path, query = {}, body: nil, headers: {}, patience: 1)
      uri = URI.parse(base_url + path)
      written = query_of(query)
      uri.query = written unless written.empty?
      headers = { "Authorization" => @credentials.header, "Accept" => "application/json" }.merge(headers)
      headers["Content-Type"] = "application/json" if body
      @retries.run do
        answer = @transport.exchange(method, uri, headers, body, patience: patience)
        answer.check(@credentials.method(:hide))
        answer
      end
    end

    def query_of(query)
      pairs = query.to_a.reject { |_, value| value.nil? }
      URI.encode_www_form(pairs.map { |name, value| [name, filter(value)] })
    end

    # How Ruby's values are written in a query.
    def filter(value)
      case value
      when Array then value.join(",")
      when DateTime then value.to_time.utc.iso8601(3)
      when Time then value.getutc.iso8601(3)
      else value.to_s
      end
    end

    def json_of(fields)
      JSON.generate(fields)
    rescue JSON::GeneratorError, EncodingError
      raise InvalidArgument, "a value cannot be written as JSON: texts are UTF-8, and numbers finite"
    end

    def plain_key(key)
      return key.to_s if key.to_s.length <= LONGEST_KEY && key.to_s.match?(/\A[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\z/)

      raise InvalidArgument, "an idempotency key has 1 to #{LONGEST_KEY} printable ASCII characters, and no blank at its ends"
    end

    # The URL itself is in no message: somebody may have put a password into it.
    def base_of(url)
      uri = URI.parse(url.to_s)
      plain = uri.is_a?(URI::HTTP) && !uri.hostname.to_s.empty? && [uri.userinfo, uri.query, uri.fragment].none?
      raise InvalidArgument, "base_url is like https://api.example.com: no user, password or query" unless plain

      uri.to_s.sub(%r{/+\z}, "")
    rescue URI::InvalidURIError
      raise InvalidArgument, "base_url is not a URL; write it like https://api.example.com", cause: nil
    end
  end
end
