create table product (id serial primary key, name text not null, cents integer not null);
insert into product (name, cents) values ('Teapot', 2400), ('Cup', 650);
