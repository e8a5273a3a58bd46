# frozen_string_literal: true

require "digest"
require "openssl"
require_relative "errors"
require_relative "percent"

module Offhook
  # The `Offhook-Signature` header: that a request to an action URL, or an event, comes from the platform and is fresh.
  module Signature
    HEADER = "Offhook-Signature"
    TOLERANCE_S = 300
    # Why a signature is refused: see SignatureRefused#reason.
    REASONS = %i[no_secret missing malformed stale parameter_missing parameter_repeated wrong].freeze
    BODY = "body_sha256"
    # Every request to an action URL has them; an event's signature has not, and vouches for no request.
    OF_A_REQUEST = %w[call_id event].freeze
    OF_AN_EVENT = [BODY].freeze

    # A header that was read: when it was made, what it vouches for, and the digests.
    Made = Struct.new(:t, :names, :digests)

    module_function

    # Return the parameters that are vouched for, or raise SignatureRefused. See Offhook.verify_request.
    def verify(header, parameters, secrets, now, tolerance_s, needed)
      keys = keys_of(secrets)
      made = parse(header)
      refuse_stale(made.t, now.to_f, tolerance_s)
      unless (needed - made.names).empty? && made.names.uniq.size == made.names.size
        refuse :malformed, "the signature is not one for this purpose: does it belong to something else?"
      end
      vouched = vouched_for(made, pairs_of(parameters))
      text = signed_text(vouched, made.t)
      # Every pair is compared, so that the time it takes says nothing about which secret is in use.
      matches = keys.product(made.digests).map { |key, digest| OpenSSL.secure_compare(digest_of(text, key), digest) }
      return vouched.to_h if matches.any?

      refuse :wrong, "no secret of ours made this: it is from somebody else, or was changed, or the secret is another"
    end

    # What is signed: the time, then a line `name=value` for each parameter, sorted by name.
    def signed_text(pairs, t)
      encoded = pairs.map { |name, value| [Percent.encode(name), Percent.encode(value)] }
      [t.to_s, *encoded.sort.map { |name, value| "#{name}=#{value}" }].join("\n")
    end

    def digest_of(text, secret) = OpenSSL::HMAC.hexdigest("SHA256", secret, text)

    def parse(header)
      refuse :missing, "the request has no #{HEADER}: is signing on for the account?" if header.to_s.empty?
      refuse :malformed, "the #{HEADER} is not plain ASCII" unless header.to_s.ascii_only?
      parts = header.to_s.split(",").map { |part| part.strip.partition("=").values_at(0, 2) }.group_by(&:first)
      t, names, digests = %w[t n v1].map { |name| parts.fetch(name, []).map(&:last) }
      good = t.size == 1 && names.size == 1 && t[0].match?(/\A[0-9]{1,12}\z/) && !digests.empty?
      refuse :malformed, "the #{HEADER} is not of the form t=...,n=...,v1=..." unless good
      Made.new(t[0].to_i, names[0].split(/ /, -1), digests)
    end

    def refuse_stale(t, now, tolerance_s)
      return if (now - t).abs <= tolerance_s

      refuse :stale, "the signature is not from the last #{tolerance_s} s: it is an old one, or a clock is wrong"
    end

    def vouched_for(made, pairs)
      made.names.map do |listed|
        found = pairs.select { |name, _| Percent.encode(name) == listed }
        refuse :parameter_missing, "the signature lists #{listed}, which the request does not have" if found.empty?
        refuse :parameter_repeated, "the request has #{listed} more than once: which is meant?" if found.size > 1
        found.first
      end
    end

    # A query as it came is best: a Hash has already lost what came twice.
    def pairs_of(parameters)
      return pairs_of_query(parameters) if parameters.is_a?(String)

      parameters.to_a.flat_map do |name, values|
        (values.is_a?(Array) ? values : [values]).map { |value| [name.to_s, value.to_s] }
      end
    end

    # The standard decoder refuses a whole query for one percent sign in a parameter that nobody signed.
    def pairs_of_query(query)
      parts = query.b.delete_prefix("?").split("&").reject(&:empty?)
      parts.map { |part| part.partition("=").values_at(0, 2).map { |text| decode(text) } }
    end

    def decode(text) = text.tr("+", " ").gsub(/%\h\h/) { |code| code[1, 2].hex.chr }.force_encoding(Encoding::UTF_8)

    def keys_of(secrets)
      keys = Array(secrets).map(&:to_s).reject(&:empty?)
      # An empty key would make a signature that anybody can make.
      refuse :no_secret, "no secret was given: rotate_signing_secret makes one for your server to keep" if keys.empty?
      keys
    end

    def refuse(reason, message) = raise(SignatureRefused.new(reason, message))

    private_class_method :parse, :refuse_stale, :vouched_for, :pairs_of, :pairs_of_query, :decode, :keys_of, :refuse,
                         :digest_of
  end

  # Return the vouched-for parameters of a request to an action URL, or raise SignatureRefused.
  #
  # `parameters` are the query string as it came, or decoded pairs or a Hash. `secrets` is one or several, `now` a
  # Time or Unix seconds. Use what is returned: other parameters of the request may come from anybody.
  def self.verify_request(header, parameters, secrets, now: Time.now, tolerance_s: Signature::TOLERANCE_S)
    Signature.verify(header, parameters, secrets, now || Time.now, tolerance_s, Signature::OF_A_REQUEST)
  end

  # Return true if an event (webhook) with these bytes as its body comes from the platform, or raise SignatureRefused.
  def self.verify_event(header, body, secrets, now: Time.now, tolerance_s: Signature::TOLERANCE_S)
    parameters = { Signature::BODY => Digest::SHA256.hexdigest(body) }
    Signature.verify(header, parameters, secrets, now || Time.now, tolerance_s, Signature::OF_AN_EVENT)
    true
  end
end
