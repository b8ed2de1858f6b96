-- Particulars of messages are sealed under the keys of their holders, and read again to be sent or compared.
GRANT USAGE ON SCHEMA privacy TO {service_role};
GRANT SELECT, INSERT, UPDATE ON privacy.data_key TO {service_role};
