# frozen_string_literal: true

require_relative "lib/offhook/version"

Gem::Specification.new do |spec|
  spec.name = "offhook"
  spec.version = Offhook::VERSION
  spec.summary = "Dial-in numbers of an Offhook platform: search, subscribe, set URLs, and answer their calls"
  spec.description = "The HTTP API of Offhook, a self-hosted dial-in number platform: numbers, subscriptions, rules, " \
                     "calls, recordings and the account. For action servers: safe action text, and signatures."
  spec.authors = ["The Offhook authors"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir["lib/**/*.rb", "examples/*", "README.md", "LICENSE", base: __dir__]
  spec.require_paths = ["lib"]
  spec.metadata = { "rubygems_mfa_required" => "true" }
end
